"""What differs between an expected text and the actual one, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from gatekeeper.core.wording.effort import Effort
from gatekeeper.core.wording.styled import Line, Mark, Span, line

# A word includes the blanks after it. Scripts without blanks are split into characters, and `{{…}}`
# is one word: it stands for any value that the app fills in. No word extends over another `{{`, so
# that finding the words takes time in proportion to the text.
_CHARACTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# Compiled only when needed, because compiling takes as long as rendering a report.
_PLACEHOLDER = r"\{\{(?:(?!\{\{).)*?\}\}"
_WORD = rf"(?:{_PLACEHOLDER}|[{_CHARACTER}]|[^\W{_CHARACTER}]+|[^\w\s]|\s+)\s*"
_LETTER = r"[^\W_]"
_DYNAMIC = "{{"
# With more words, everything between the first and the last difference is marked: the time to
# compare them grows with the square of their number.
_MOST_WORDS = 400
# In characters: longer texts are compared between the first and the last character that differ.
_LONGEST = 20_000
# Pairs of words that are compared to find what two texts have in common; far more than texts of
# ordinary language take.
_MOST_PAIRS = 500_000
_ONE_COMPARISON = 2_000_000
# Characters at the start of a text by which the closest of several is chosen.
_START = 8_000
# Characters in which the end of a word is looked for.
_LONGEST_WORD = 100


def difference(expected: str, actual: str, effort: Effort | None = None) -> tuple[Line, Line]:
    """Mark what is missing from the expected text and what is extra in the actual one.

    Dynamic parts of the expected text match anything, as they do on the platform. Texts without a
    common word are not marked, because they differ entirely. The larger the texts, the coarser the
    marks.
    """
    effort = effort or Effort(_ONE_COMPARISON)
    if max(len(expected), len(actual)) > _LONGEST:
        return _difference_of_long(expected, actual, effort)
    effort.read(len(expected) + len(actual))
    ours, theirs = _words(expected), _words(actual)
    if not any(word.isalnum() for word in set(_bare(ours)) & set(_bare(theirs))):
        return _blanks_marked(expected, actual)
    return _marked(ours, theirs, effort)


def closest(expected: Iterable[str], actual: str, effort: Effort | None = None) -> int:
    """Return the index of the expected text that shares the most words with the actual one.

    Once the effort is spent, no further text is considered.
    """
    from difflib import SequenceMatcher

    effort = effort or Effort(_ONE_COMPARISON)
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(_start(actual))
    best, most = 0, -1.0
    for index, text in enumerate(expected):
        if effort.is_spent:
            break
        effort.read(min(len(text), _START))
        matcher.set_seq1(_start(text))
        likeness = matcher.quick_ratio()
        if likeness > most:
            best, most = index, likeness
    return best


def _start(text: str) -> list[str]:
    return _bare(_words(text[:_START]))[:_MOST_WORDS]


def _difference_of_long(expected: str, actual: str, effort: Effort) -> tuple[Line, Line]:
    """Compare only what is between the texts' common start and end, if that is short enough."""
    # Comparing and copying characters as a whole is much cheaper than splitting them into words.
    effort.read((len(expected) + len(actual)) // 40)
    start = _word_start(expected, common_length(expected, actual))
    end = common_length(expected[start:][::-1], actual[start:][::-1])
    end = len(expected) - _next_word(expected, len(expected) - end)
    last, their_last = len(expected) - end, len(actual) - end
    if not any(re.search(_LETTER, text) for text in (expected[:start], expected[last:])):
        return line(expected), line(actual)
    ours, theirs = expected[start:last], actual[start:their_last]
    if max(len(ours), len(theirs)) > _LONGEST:
        middle = line(ours, Mark.MISSING), line(theirs, Mark.EXTRA)
    else:
        effort.read(len(ours) + len(theirs))
        middle = _marked(_words(ours), _words(theirs), effort)
    head, tail = Span(expected[:start]), Span(expected[last:])
    return _joined((head, *middle[0], tail)), _joined((head, *middle[1], tail))


def common_length(text: str, other: str) -> int:
    """Return the length of the common start of two texts."""
    least, most = 0, min(len(text), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if text[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _word_start(text: str, at: int) -> int:
    """Return where the word that extends over a place begins; the place if it is very long."""
    before = text[max(0, at - _LONGEST_WORD) : at]
    found = max(before.rfind(" "), before.rfind("\n"))
    return at if found < 0 else at - len(before) + found + 1


def _next_word(text: str, at: int) -> int:
    """Return where the first word after a place begins; the place if that is far away."""
    found = re.search(r"\s", text[at : at + _LONGEST_WORD])
    return at + found.end() if found else at


def _marked(ours: list[str], theirs: list[str], effort: Effort) -> tuple[Line, Line]:
    missing: list[Span] = []
    extra: list[Span] = []
    blocks = _blocks(_bare(ours), _bare(theirs), effort)
    for same, (a, b), (c, d) in blocks:
        if same:
            # Before another difference, the blanks are part of it.
            is_last = (b, d) == (len(ours), len(theirs))
            _add_equal(ours[a:b], theirs[c:d], missing, extra, is_last=is_last)
            continue
        matches = all(word.startswith(_DYNAMIC) for word in ours[a:b] or [""])
        missing.append(Span("".join(ours[a:b]), Mark.NONE if matches else Mark.MISSING))
        extra.append(Span("".join(theirs[c:d]), Mark.NONE if matches else Mark.EXTRA))
    return _joined(missing), _joined(extra)


def _blanks_marked(expected: str, actual: str) -> tuple[Line, Line]:
    """Mark the blanks that differ if nothing else does; other texts differ entirely."""
    words = expected.split()
    if words != actual.split() or expected == actual:
        return line(expected), line(actual)
    ours, theirs = (re.split(r"\S+", text) for text in (expected, actual))
    missing: list[Span] = []
    extra: list[Span] = []
    for blanks, other, word in zip(ours, theirs, [*words, ""], strict=True):
        differs = blanks != other
        missing += (Span(blanks, Mark.MISSING if differs else Mark.NONE), Span(word))
        extra += (Span(other, Mark.EXTRA if differs else Mark.NONE), Span(word))
    return _joined(missing), _joined(extra)


def _add_equal(
    ours: list[str], theirs: list[str], missing: list[Span], extra: list[Span], *, is_last: bool
) -> None:
    """Add words that are equal but for the blanks after them, which are marked if they differ."""
    if ours == theirs:
        missing.append(Span("".join(ours)))
        extra.append(Span("".join(theirs)))
        return
    for at, (word, other) in enumerate(zip(ours, theirs, strict=True), 1):
        bare = word.rstrip()
        differs = word != other and (is_last or at < len(ours))
        blanks, other_blanks = word[len(bare) :], other[len(bare) :]
        missing += (Span(bare), Span(blanks, Mark.MISSING if differs else Mark.NONE))
        extra += (Span(bare), Span(other_blanks, Mark.EXTRA if differs else Mark.NONE))


def _words(text: str) -> list[str]:
    return re.findall(_WORD, text)


def _bare(words: Iterable[str]) -> list[str]:
    return [word.strip() for word in words]


_Block = tuple[bool, tuple[int, int], tuple[int, int]]


def _blocks(ours: list[str], theirs: list[str], effort: Effort) -> list[_Block]:
    """List equal and different stretches in order, as ranges of words in both lists."""
    start = _common(ours, theirs)
    end = _common(ours[start:][::-1], theirs[start:][::-1])
    last, their_last = len(ours) - end, len(theirs) - end
    blocks: list[_Block] = [(True, (0, start), (0, start))]
    if max(last, their_last) - start > _MOST_WORDS:
        blocks.append((False, (start, last), (start, their_last)))
    else:
        blocks += [
            (tag == "equal", (a + start, b + start), (c + start, d + start))
            for tag, a, b, c, d in _opcodes(ours[start:last], theirs[start:their_last], effort)
        ]
    return [*blocks, (True, (last, len(ours)), (their_last, len(theirs)))]


def _opcodes(
    ours: list[str], theirs: list[str], effort: Effort
) -> Sequence[tuple[str, int, int, int, int]]:
    """Return `difflib`'s opcodes; what is beyond the effort counts as different."""
    from difflib import Match, SequenceMatcher

    occurrences = Counter(theirs)

    class Matcher(SequenceMatcher[str]):
        left = min(_MOST_PAIRS, max(0, effort.left))

        def find_longest_match(
            self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
        ) -> Match:
            pairs = sum(1 + occurrences[word] for word in ours[alo:ahi])
            self.left -= pairs
            if self.left < 0:
                return Match(alo, blo, 0)
            effort.compare(pairs)
            return super().find_longest_match(alo, ahi, blo, bhi)

    return Matcher(None, ours, theirs, autojunk=False).get_opcodes()


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
