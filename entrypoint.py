"""The container's entrypoint: gives up root, becomes a shell when asked, else runs the gate.

It imports next to nothing, `pathlib` included: no command should wait for it.
"""

import os
import sys
from contextlib import suppress

# What GitLab's runner and Jenkins's docker agent start in a job's image.
_PROGRAMS = ("sh", "bash", "cat")


def main() -> int:
    """Become the program that the first argument names, or run a command: `gate` by default."""
    arguments = sys.argv[1:]
    if arguments and os.path.basename(arguments[0]) in _PROGRAMS:
        os.execvp(arguments[0], arguments)  # noqa: S606 - the runner's own choice of program
    give_up_root()
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in _GENERAL):
        arguments = ["gate", *arguments]

    from gatekeeper.__main__ import main as run

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
        owner = os.stat(path)
        if owner.st_uid != 0:
            os.setgroups([])
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)


if __name__ == "__main__":
    sys.exit(main())
