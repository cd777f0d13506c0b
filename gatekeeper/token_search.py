"""Finding tokens in texts: what looks like one, and each part of those that were sent."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterator

from gatekeeper.core.encodings import View
from gatekeeper.secret_forms import LONG, SIGNATURE

# A token, or the beginning of a truncated one: each starts with the base64 of `{"`.
TOKEN_START = "eyJ"  # noqa: S105 - of every token
_TOKEN = re.compile(r"eyJ[\w-]{3,}(?:\.[\w-]*)*", re.ASCII)
_TOKEN_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
_KNOWN_TOKEN = 20


class TokenSearch:
    """Finds tokens: the parts of those that were sent even where they do not look like one."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._others: tuple[str, ...] = ()

    def add(self, token: str) -> None:
        """Find each part of this token from now on."""
        position = bisect_left(self._sent, token)
        if token in self._sent[position : position + 1]:
            return
        insort(self._sent, token)
        _, dot, rest = token.partition(".")
        if dot and rest.startswith(TOKEN_START):
            insort(self._sent, rest)
        # The signature of a JWS, or the encrypted key and text of a JWE.
        self._others = (
            *self._others,
            *(
                part
                for part in rest.split(".")
                if len(part) >= SIGNATURE and not part.startswith(TOKEN_START)
            ),
        )

    def may_find(self, text: str) -> bool:
        """Whether a text may have a token in it."""
        return TOKEN_START in text or any(part in text for part in self._others)

    def spans(self, view: View) -> Iterator[tuple[int, int]]:
        """Yield where tokens start and end in the text of a view; the parts may overlap."""
        text = view.text
        start = text.find(TOKEN_START)
        while start >= 0:
            end = _end_of_token(view, start)
            if not _TOKEN.fullmatch(text, start, end):
                end = start
            size = self._known_size(text, start)
            end = max(end, start + size if size >= _KNOWN_TOKEN else start)
            if end > start:
                yield start, end
            start = text.find(TOKEN_START, max(end, start + 1))
        for part in self._others:
            start = text.find(part)
            while start >= 0:
                yield start, start + len(part)
                start = text.find(part, start + 1)

    def _known_size(self, text: str, start: int) -> int:
        """Return how much of a token that was sent is at this place."""
        if not self._sent:
            return 0
        there = text[start : start + 4096]
        position = bisect_left(self._sent, there)
        near = self._sent[max(0, position - 1) : position + 1]
        return max(_common_prefix(there, token) for token in near)


def _end_of_token(view: View, start: int) -> int:
    """Return where what may be a token ends: at a blank, unless much of a token follows it."""
    text = view.text
    end = start + 1
    while end < len(text) and text[end] in _TOKEN_CHARACTERS:
        if view.is_gap(end - 1) and not _continues(view, end):
            break
        end += 1
    return end


def _continues(view: View, start: int) -> bool:
    end = start + LONG
    part = view.text[start:end]
    return (
        len(part) == LONG
        and _TOKEN_CHARACTERS.issuperset(part)
        and not any(map(view.is_gap, range(start, end - 1)))
    )


def _common_prefix(text: str, other: str) -> int:
    size = 0
    for left, right in zip(text, other, strict=False):
        if left != right:
            break
        size += 1
    return size
