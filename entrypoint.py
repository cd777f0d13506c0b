"""The container's entrypoint: gives up root, becomes a shell when asked, else runs the gate."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

# What GitLab's runner and Jenkins's docker agent start in a job's image.
_PROGRAMS = ("sh", "bash", "cat")


def main() -> int:
    """Become the program that the first argument names, or run a command: `gate` by default."""
    # As PID 1 Python ignores SIGTERM until somebody handles it, and imports take their time.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda number, _frame: os._exit(128 + number))
    arguments = sys.argv[1:]
    if arguments and Path(arguments[0]).name in _PROGRAMS:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_DFL)
        os.execvp(arguments[0], arguments)  # noqa: S606 - the runner's own choice of program
    give_up_root()
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in _GENERAL):
        arguments = ["gate", *arguments]

    # Only now, so that a signal finds its handler and a shell has not waited for it.
    from gatekeeper.cli import main as run  # noqa: PLC0415

    return run(arguments)


_GENERAL = ("-h", "--help", "--version")


def give_up_root() -> None:
    """Go on as the owner of GitHub's files, so that later steps can write to what this one leaves.

    Goes on as root where that is not allowed (`--cap-drop ALL`), and where there is nobody else.
    """
    path = os.environ.get("GITHUB_OUTPUT")
    if not path or os.name != "posix" or os.geteuid() != 0:
        return
    with suppress(OSError):
        owner = Path(path).stat()
        if owner.st_uid != 0:
            os.setgroups([])
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)


if __name__ == "__main__":
    sys.exit(main())
