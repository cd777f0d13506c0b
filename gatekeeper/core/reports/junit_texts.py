"""Texts of the JUnit XML that the cases of steps and of runs share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gatekeeper.core.model import Reason
from gatekeeper.core.text import printable

_TWO_BRACKETS = re.compile(r"\[(?=\[)")


def tolerated(why: str, what: str) -> str:
    """Return the message of a failure that is let pass: why it is, and what failed."""
    return f"tolerated ({why}): {what}"


def output(lines: Iterable[str] = (), *, warnings: Sequence[Reason]) -> str:
    """Return the output of a case: some lines, then its warnings."""
    texts = (*lines, *(f"warning: {printable(str(warning))}" for warning in warnings))
    # GitLab would attach the file that "[[ATTACHMENT|path]]" names.
    return _TWO_BRACKETS.sub("[ ", "\n".join(texts))
