"""Parts of a job log that GitHub and GitLab fold away under a title."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gatekeeper.console import Console
from gatekeeper.platforms.github import is_github

# No two sections of one log may share a name; there is one.
_SECTION = "gatekeeper_waiting"


@contextmanager
def folded(console: Console, title: str, environ: Mapping[str, str]) -> Iterator[None]:
    """Fold away what is said meanwhile; where no platform could do so, it stands in the open.

    `title` is our own wording: it goes out as it is.
    """
    if is_github(environ):
        console.command(f"::group::{title}")
    elif "GITLAB_CI" in environ:
        console.command(f"{_marker('start')}[collapsed=true]\r\x1b[0K{title}")
    try:
        yield
    finally:
        if is_github(environ):
            console.command("::endgroup::")
        elif "GITLAB_CI" in environ:
            console.command(f"{_marker('end')}\r\x1b[0K")


def _marker(which: str) -> str:
    return f"\x1b[0Ksection_{which}:{int(time.time())}:{_SECTION}"
