"""The container's entrypoint: drops root, then runs a command, or replaces itself by a shell.

It avoids imports, even `pathlib`, because every command waits for them.
"""

import os
import sys
from contextlib import suppress

# The programs that GitLab's runner and Jenkins's Docker agent start in a job's container.
_PROGRAMS = ("sh", "bash", "cat")


def main() -> int:
    """Run a command, `gate` by default, or become the program named by the first argument."""
    arguments = sys.argv[1:]
    if arguments and os.path.basename(arguments[0]) in _PROGRAMS:
        os.execvp(arguments[0], arguments)  # noqa: S606 - the CI runner chooses the program
    drop_root()
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in _GLOBAL_FLAGS):
        arguments = ["gate", *arguments]

    from gatekeeper.__main__ import main as run

    return run(arguments)


_GLOBAL_FLAGS = ("-h", "--help", "--version")


def drop_root() -> None:
    """Continue as the owner of GitHub's files, so that later steps can change what is left here.

    Continues as root if that is not permitted (`--cap-drop ALL`) or root owns the files.
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
