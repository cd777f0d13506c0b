"""The id of a step, the same in every run: what the user says, and for which time.

The number of the step is not part of it, so that inserting a step renames none of the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2s

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.text import as_text, one_line, printable

_LIMIT = 80
_DIGEST_BYTES = 4
_LONGEST_ID = 256
_NUMBERED = re.compile(r" \([0-9]+\)\Z")
_NUMBER = re.compile(r"\A[0-9]{3,} ")


def ids_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the ids of a run's steps, in order; each is unique.

    The second `yes` of a conversation is `yes (2)`.
    """
    return unique(map(_text_of, steps))


def ids_saved(cases: Sequence[tuple[str | None, str]]) -> tuple[str, ...]:
    """Return the ids of saved cases, given the saved id and the numbered name of each.

    If a file has no ids, or ids that a gate does not write, they are derived from the names.
    """
    ids = tuple(_bounded(case_id) for case_id, _ in cases if case_id)
    if len(set(ids)) == len(cases):
        return ids
    return unique(_folded(text_in(name)) for _, name in cases)


def text_in(name: str) -> str:
    """Return a step's name without its number."""
    return _NUMBER.sub("", name)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts, of which each that occurs again has the number of its occurrence."""
    return tuple(_by_occurrence(texts))


def _by_occurrence(texts: Iterable[str]) -> Iterator[str]:
    counts = Counter[str]()
    for text in texts:
        counts[text] += 1
        count = counts[text]
        # A text that looks numbered always gets a number, or it could be taken for another one.
        bare = count == 1 and not (text.endswith(")") and _NUMBERED.search(text))
        yield text if bare else f"{text} ({count})"


def _text_of(step: Step) -> str:
    if step.input not in (None, ""):
        return _folded(as_text(step.input))
    return f"(event {_folded(as_text(step.event))})" if step.event else "(no input)"


def _folded(text: str) -> str:
    """Fold a text into a line: a long one is cut, with a digest that keeps it unique."""
    folded = " ".join(printable(text).split())
    if len(folded) > _LIMIT:
        digest = blake2s(folded.encode(), digest_size=_DIGEST_BYTES).hexdigest()
        folded = f"{folded[: _LIMIT - 3 - len(digest)].rstrip()}… #{digest}"
    return _undotted(folded) or "(nothing to show)"


def _bounded(case_id: str) -> str:
    return _undotted(one_line(case_id, _LONGEST_ID))


def _undotted(text: str) -> str:
    # The XML report writes dots as these leaders, where two ids must not become the same.
    return text.replace("\N{ONE DOT LEADER}", ".")
