"""The comment on a pull or merge request: the summary, below a hidden marker that names its gate.

A gate finds its comment of an earlier run by the marker. Anybody can write one, so its author
counts as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable

from gatekeeper.core.record import Record
from gatekeeper.core.reports.markdown import plain
from gatekeeper.core.text import one_line

# GitHub accepts 65,536 characters, GitLab more.
LIMIT = 60_000
_UNKNOWN = "unknown"
# Only at the start: further down, it may be a quotation.
_MARKER = re.compile(r"<!-- gatekeeper ([0-9a-f]{16}) ([0-9a-f]{16}|unknown) ([0-9]{1,18}) -->")
_PIPELINE_NUMBER = re.compile(r"/([0-9]{1,18})$")


class CommentKey(Record):
    """Which gate a comment belongs to: its job, and what tells it from other gates of that job."""

    job: str
    part: str = _UNKNOWN

    def may_be(self, other: CommentKey) -> bool:
        """Whether both can be of one gate: what is unknown, as its settings were wrong, can be."""
        return self.job == other.job and (
            self.part == other.part or _UNKNOWN in (self.part, other.part)
        )


def comment_key(label: str, job: Iterable[str], parts: Iterable[str]) -> CommentKey:
    """Return the key of a gate: its label or, without one, its job and parts, such as its streams.

    Its comment does not reveal them.
    """
    if label:
        return CommentKey(_digest("label", label), _digest())
    known = sorted(set(parts))
    return CommentKey(_digest("job", *job), _digest(*known) if known else _UNKNOWN)


class Marker(Record):
    """The first line of a comment, which no page shows.

    Numbers of pipelines grow, so that an earlier one can tell that a later one was faster. The
    number is 0 if it is unknown.
    """

    key: CommentKey
    pipeline: int = 0

    def __str__(self) -> str:
        """Return the line, without its end."""
        return f"<!-- gatekeeper {self.key.job} {self.key.part} {self.pipeline} -->"


def marker_in(body: str) -> Marker | None:
    """Return the marker of a comment; `None` if the comment does not start with one."""
    match = _MARKER.match(body)
    return Marker(CommentKey(match[1], match[2]), int(match[3])) if match else None


def pipeline_number(pipeline_id: str | None) -> int:
    """Return the number at the end of a pipeline's id; 0 if there is none."""
    match = _PIPELINE_NUMBER.search(pipeline_id or "")
    return int(match[1]) if match else 0


def comment(marker: Marker, label: str, summary: Callable[[int], str]) -> str:
    """Return a comment of at most `LIMIT` bytes; `summary` renders the gate in that many bytes."""
    head = f"{marker}\n"
    if label:
        head += f"**{plain(one_line(label))}**\n\n"
    return head + summary(LIMIT - len(head.encode()))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
