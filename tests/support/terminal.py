"""What a program displays on a terminal of its own."""

import os
import select
import time
from collections.abc import Callable


def read_terminal(main: int, react: Callable[[str], None]) -> str:
    """Return all that is displayed until the program ends or 30 s pass, and close the terminal.

    Calls `react` with what has been displayed so far, at least ten times a second.
    """
    displayed, end = "", time.monotonic() + 30
    while time.monotonic() < end:
        if select.select([main], [], [], 0.1)[0]:
            try:
                displayed += os.read(main, 65536).decode("utf-8", "replace")
            except OSError:
                break
        react(displayed)
    os.close(main)
    return displayed
