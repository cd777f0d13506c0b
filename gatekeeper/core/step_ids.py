"""What a step is known by in every run: what the user said, and which time it is said.

The number of a step is no part of it, so that a step put in front renames none of the others.
"""

from __future__ import annotations

import re
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
    """Return the ids of a run's steps, in their order; each is there once.

    The second `yes` of a conversation is `yes (2)`.
    """
    return tuple(_by_occurrence(map(_text_of, steps)))


def ids_saved(cases: Sequence[tuple[str | None, str]]) -> tuple[str, ...]:
    """Return the ids of saved cases, each of which is given by its id and its numbered name.

    Where a file has no ids, or ids that no gate writes, they are made of the names.
    """
    ids = tuple(_bounded(case_id) for case_id, _ in cases if case_id)
    if len(set(ids)) == len(cases):
        return ids
    return tuple(_by_occurrence(_shown(text_in(name)) for _, name in cases))


def text_in(name: str) -> str:
    """Return a step's name without its number."""
    return _NUMBER.sub("", name)


def _by_occurrence(texts: Iterable[str]) -> Iterator[str]:
    times: dict[str, int] = {}
    for text in texts:
        time = times[text] = times.get(text, 0) + 1
        # A text that looks numbered always gets a number, so that it is never taken for another.
        bare = time == 1 and not (text.endswith(")") and _NUMBERED.search(text))
        yield text if bare else f"{text} ({time})"


def _text_of(step: Step) -> str:
    if step.input not in (None, ""):
        return _shown(as_text(step.input))
    return f"(event {_shown(as_text(step.event))})" if step.event else "(no input)"


def _shown(text: str) -> str:
    """Fold a text into a line; of a long one the beginning, and a digest that tells it apart."""
    folded = " ".join(printable(text).split())
    if len(folded) > _LIMIT:
        digest = blake2s(folded.encode(), digest_size=_DIGEST_BYTES).hexdigest()
        folded = f"{folded[: _LIMIT - 3 - len(digest)].rstrip()}… #{digest}"
    return _undotted(folded) or "(nothing to show)"


def _bounded(case_id: str) -> str:
    return _undotted(one_line(case_id, _LONGEST_ID))


def _undotted(text: str) -> str:
    # The XML has these leaders in place of dots, and two ids must not become one there.
    return text.replace("\N{ONE DOT LEADER}", ".")
