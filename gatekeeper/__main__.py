"""The program's process: every end of it, also one before any command runs, has its exit code.

Python's own codes would mislead: 1, for an uncaught exception, means that tests failed. Everything
but what Python has loaded by itself is imported inside `try`, and therefore without `typing`.
"""

import os
import sys

_NO_VERDICT = 3
_FIRST_SIGNAL_CODE = 128


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code; never returns."""
    try:
        _prefer_installed_modules()
        from gatekeeper.signals import exit_on_signals

        # Before the slow imports: without a handler, a process with PID 1 ignores SIGTERM.
        exit_on_signals()
        from gatekeeper.cli import main as run

        # Not by Python's own end: it waits for threads, and has another code if it cannot flush.
        os._exit(run(arguments))
    except BaseException as error:  # noqa: BLE001 - `SystemExit` of a wrong module, too
        os._exit(_failed(error))


def _prefer_installed_modules() -> None:
    """Search the working folder and those of PYTHONPATH last.

    A `click.py` or `secrets.py` there would be imported in place of the installed module.
    """
    places = ["", *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    try:
        job = {os.path.abspath(place) for place in places} | {""}  # noqa: PTH100 - no `pathlib` yet
    except OSError:
        # The working folder was removed.
        job = set(places)
    sys.path.sort(key=job.__contains__)


def _failed(error: BaseException) -> int:
    """Report what kept a command from ending by itself, in one line; return the exit code."""
    signum = getattr(error, "signum", 2 if isinstance(error, KeyboardInterrupt) else None)
    if isinstance(signum, int):
        return _FIRST_SIGNAL_CODE + signum
    what = " ".join(f"{type(error).__name__}: {error}".split())
    try:  # noqa: SIM105 - no `contextlib` yet
        os.write(2, f"gatekeeper: cannot run: {what[:300]}\n".encode("utf-8", "replace"))
    except OSError:
        pass
    return _NO_VERDICT


if __name__ == "__main__":
    main()
