"""The program's start: signals are handled before anything that takes its time is imported."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    # As PID 1 Python ignores SIGTERM until somebody handles it.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda number, _frame: os._exit(128 + number))
    from gatekeeper.cli import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
