"""How large the JUnit XML may become: some readers reject a large file as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from gatekeeper.core.model import Gate, Run
from gatekeeper.core.reports.junit_names import Name
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import cut_middle

_LARGEST = 25_000_000  # bytes; GitLab ignores a file of over 30 MB
_LONGEST = 250_000  # characters of one text: at most 1 MB in UTF-8, which every reader accepts
_SHORTEST = 300  # characters that are always kept of a text, besides its first line
_AROUND_TEXT = 400  # bytes of tags and of the type of a failure
_AROUND_CASE = 100
_AROUND_PLACE = 30
_MOST_CASES = 5_000  # Buildkite's limit, the lowest


def within_limits(texts: Callable[[], Iterable[str]], rest: int, see: str) -> Iterator[str]:
    """Yield the texts of a file, cut so that all of the file stays within the limits.

    `texts` yields them anew with each call; `rest` is the size of everything else, in bytes. The
    longest texts are cut, all to the same size, but their first lines are kept. A cut text says how
    much is left out, and where to `see` it.
    """
    room = _LARGEST - rest
    total = 0
    sizes: list[int] = []
    short_texts: list[str] = []
    for text in texts():
        short = cut_middle(text, _LONGEST, see)
        sizes.append(size_of(short))
        total += sizes[-1]
        # The first line is also the message of the case.
        room -= size_of(short.partition("\n")[0]) + _AROUND_TEXT
        if total <= room:
            short_texts.append(short)
    if total <= room:
        return iter(short_texts)
    # To keep more of them until their common size is known would take too much memory.
    del short_texts
    limit = _common_limit(sizes, room)
    return (_cut(cut_middle(text, _LONGEST, see), limit, see) for text in texts())


def size_of_cases(run: Run, name: Name, source_map: SourceMap | None) -> int:
    """Return the size of a run's cases without their texts, in bytes."""
    cases = len(run.verdict.cases)
    place = size_of(source_map.file) + _AROUND_PLACE if source_map else 0
    own = size_of(name.run_class) + _AROUND_CASE
    return (
        own + size_of("".join(run.ids)) + cases * (size_of(name.step_class) + _AROUND_CASE + place)
    )


def size_of(text: str) -> int:
    """Return the size of a text in XML, in bytes."""
    # What cannot be encoded is removed when the text is written.
    return len(escape(text, {'"': "&quot;"}).encode("utf-8", "replace"))


def too_many_cases(gate: Gate) -> str:
    """Return a warning if the file has more cases than every reader accepts, otherwise nothing."""
    cases = sum(len(run.verdict.cases) + 1 for run in gate.runs)
    if cases <= _MOST_CASES:
        return ""
    return (
        f"the JUnit XML has {cases:,} cases, but some readers, such as Buildkite, accept at most "
        f"{_MOST_CASES:,}: split the suites across several gates if yours rejects the file"
    )


def _common_limit(sizes: Sequence[int], room: int) -> int:
    """Return the size to which texts are to be cut so that together they fit."""
    for index, size in enumerate(sorted(sizes)):
        share = max(0, room) // (len(sizes) - index)
        if size > share:
            return share
        room -= size
    return _LONGEST


def _cut(text: str, limit: int, see: str) -> str:
    """Cut a text in the middle to a size in bytes, but keep its first line."""
    size = size_of(text)
    if size <= limit:
        return text
    first, _, body = text.partition("\n")
    length, room = len(body), max(0, limit - size_of(first))
    # Characters differ in size: what is kept can be larger than the average.
    while length > _SHORTEST and size > room:
        length = max(_SHORTEST, min(length * 9 // 10, length * room // size))
        size = size_of(cut_middle(body, length, see))
    return f"{first}\n{cut_middle(body, length, see)}"
