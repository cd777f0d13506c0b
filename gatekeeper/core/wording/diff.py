"""What differs between an expected text and the actual one, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from gatekeeper.core.wording.styled import Line, Mark, Span, line

# A word includes the blanks after it. Scripts without blanks are split into characters, and `{{…}}`
# is one word: it stands for any value that the app fills in.
_CHARACTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# Compiled only when needed, because compiling takes as long as rendering a report.
_WORD = rf"(?:\{{\{{.*?\}}\}}|[{_CHARACTER}]|[^\W{_CHARACTER}]+|[^\w\s]|\s+)\s*"
_DYNAMIC = "{{"
# With more words, everything between the first and the last difference is marked: the time to
# compare them grows with the square of their number.
_MOST_WORDS = 400


def difference(expected: str, actual: str) -> tuple[Line, Line]:
    """Mark what is missing from the expected text and what is extra in the actual one.

    Dynamic parts of the expected text match anything, as they do on the platform. Texts without a
    common word are not marked, because they differ entirely.
    """
    ours, theirs = _words(expected), _words(actual)
    if not any(word.isalnum() for word in set(_bare(ours)) & set(_bare(theirs))):
        return line(expected), line(actual)
    missing: list[Span] = []
    extra: list[Span] = []
    for same, (a, b), (c, d) in _blocks(_bare(ours), _bare(theirs)):
        matches = same or all(word.startswith(_DYNAMIC) for word in ours[a:b] or [""])
        missing.append(Span("".join(ours[a:b]), Mark.NONE if matches else Mark.MISSING))
        extra.append(Span("".join(theirs[c:d]), Mark.NONE if matches else Mark.EXTRA))
    return _joined(missing), _joined(extra)


def closest(expected: Sequence[str], actual: str) -> int:
    """Return the index of the expected text that shares the most words with the actual one."""
    from difflib import SequenceMatcher

    theirs = _bare(_words(actual))[:_MOST_WORDS]

    def likeness(index: int) -> float:
        ours = _bare(_words(expected[index]))[:_MOST_WORDS]
        return SequenceMatcher(None, ours, theirs, autojunk=False).quick_ratio()

    return max(range(len(expected)), key=likeness)


def _words(text: str) -> list[str]:
    return re.findall(_WORD, text)


def _bare(words: Iterable[str]) -> list[str]:
    return [word.strip() for word in words]


_Block = tuple[bool, tuple[int, int], tuple[int, int]]


def _blocks(ours: list[str], theirs: list[str]) -> list[_Block]:
    """List equal and different stretches in order, as ranges of words in both lists."""
    start = _common(ours, theirs)
    end = _common(ours[start:][::-1], theirs[start:][::-1])
    last, their_last = len(ours) - end, len(theirs) - end
    blocks: list[_Block] = [(True, (0, start), (0, start))]
    if max(last, their_last) - start > _MOST_WORDS:
        blocks.append((False, (start, last), (start, their_last)))
    else:
        from difflib import SequenceMatcher

        middle = SequenceMatcher(None, ours[start:last], theirs[start:their_last], autojunk=False)
        blocks += [
            (tag == "equal", (a + start, b + start), (c + start, d + start))
            for tag, a, b, c, d in middle.get_opcodes()
        ]
    return [*blocks, (True, (last, len(ours)), (their_last, len(theirs)))]


def _common(ours: list[str], theirs: list[str]) -> int:
    """Return the length of the common beginning of two lists."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False))
    return sum(1 for _ in same)


def _joined(spans: Iterable[Span]) -> Line:
    """Join neighbours with the same mark and drop empty spans."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].mark is span.mark:
            joined[-1] = Span(joined[-1].text + span.text, span.mark)
        elif span.text:
            joined.append(span)
    return tuple(joined)
