"""The program's entry point: signals are handled before the slow imports begin."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gatekeeper.signals import exit_on_signals


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    # Without a handler, a process with PID 1 ignores SIGTERM.
    exit_on_signals()
    from gatekeeper.cli import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
