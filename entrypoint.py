"""The container's entrypoint: drops root, then runs a command, or replaces itself by a shell.

It avoids imports, even `pathlib`, because every command waits for them.
"""

import os
import sys

# The programs that GitLab's runner and Jenkins's Docker agent start in a job's container.
_PROGRAMS = ("sh", "bash", "cat")
_GLOBAL_FLAGS = ("-h", "--help", "-V", "--version")
_NO_VERDICT = 3
_INTERRUPTED = 130


def main() -> None:
    """Run a command, `gate` by default, or become the program named by the first argument."""
    arguments = sys.argv[1:]
    if arguments and os.path.basename(arguments[0]) in _PROGRAMS:
        os.execvp(arguments[0], arguments)  # noqa: S606 - the CI runner chooses the program
    drop_root()
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in _GLOBAL_FLAGS):
        arguments = ["gate", *arguments]

    from gatekeeper.__main__ import main as run

    run(arguments)


def drop_root() -> None:
    """Continue as the owner of GitHub's files, so that later steps can change what is left here.

    Continues as root if that is not permitted (`--cap-drop ALL`) or root owns the files.
    """
    path = os.environ.get("GITHUB_OUTPUT")
    if not path or os.name != "posix" or os.geteuid() != 0:
        return
    try:
        owner = os.stat(path)
        if owner.st_uid != 0:
            os.setgroups([])
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)
    except OSError:
        pass


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:  # noqa: BLE001 - the package is missing, or the shell
        # Python's own code would be 1, which means that tests failed.
        code = _INTERRUPTED if isinstance(error, KeyboardInterrupt) else _NO_VERDICT
        try:
            os.write(2, f"gatekeeper: cannot run: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
