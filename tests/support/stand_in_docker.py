"""Stands in for `docker run`: runs the program itself, with no more than a container would get.

A container's paths have to be those of its host, as a mount cannot be imitated without Docker.
"""

import os
import sys
from pathlib import Path

ENTRYPOINT = Path(__file__).parents[2] / "entrypoint.py"
IMAGE = "ghcr.io/owner/gatekeeper:"


def main(arguments: list[str]) -> None:
    """Become the program, with the given variables and in the given folder."""
    given = iter(arguments)
    assert next(given) == "run"
    environ = {"PATH": os.environ["PATH"], "HOME": "/"}
    mounts: list[str] = []
    for argument in given:
        match argument:
            case "--rm":
                pass
            case "--user":
                assert next(given) == str(os.getuid())
            case "--env":
                name = next(given)
                environ |= {name: os.environ[name]} if name in os.environ else {}
            case "--volume":
                source, target = next(given).split(":")
                assert source == target
                mounts.append(target)
            case "--workdir":
                os.chdir(next(given))
            case _:
                assert argument.startswith(IMAGE), argument
                break
    assert str(Path.cwd()) in mounts
    if (temporary := environ.get("AGENT_TEMPDIRECTORY")) not in mounts:
        assert temporary is None
    os.execve(sys.executable, [sys.executable, str(ENTRYPOINT), *given], environ)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
