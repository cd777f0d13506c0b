"""A flow that differs, as two paths with their first difference marked; names that can wrap."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from gatekeeper.core.model import Mismatch
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.styled import Line, Mark, Span

_ARROW = " → "
# After a separator, before the capital of a new word, and before the last capital of an acronym.
_WRAPS = re.compile(
    r"(?<=[_\-./:\s])(?=[^_\-./:\s])|(?<=[^\W_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
)


def flow_paths(mismatch: Mismatch) -> tuple[Line, Line] | None:
    """Return the expected path of a flow and the actual one, their first difference marked.

    Both lines start with the nodes that they share, so that they are aligned if they have the same
    indentation. `None` if the paths are equal, or if one is not known.
    """
    expected, actual = mismatch.paths
    if not expected or not actual or expected == actual:
        return None
    pairs = zip(expected, actual, strict=False)
    common = next(
        (index for index, (ours, theirs) in enumerate(pairs) if ours != theirs),
        min(len(expected), len(actual)),
    )
    missing, extra = _first_difference(expected[common:], actual[common:])
    return (
        _marked(expected, common, missing, Mark.MISSING),
        _marked(actual, common, extra, Mark.EXTRA),
    )


def _first_difference(expected: Sequence[str], actual: Sequence[str]) -> tuple[int, int]:
    """Return how many nodes are missing, and how many are extra, where two paths part.

    Nodes that the actual path skips are only missing, those that it inserts are only extra; if it
    does not return to the expected path, each has one node that differs.
    """
    if not expected or not actual:
        return len(expected), len(actual)
    skipped, inserted = _position(actual[0], expected), _position(expected[0], actual)
    if skipped == inserted == math.inf:
        return 1, 1
    return (int(skipped), 0) if skipped <= inserted else (0, int(inserted))


def _position(node: str, nodes: Sequence[str]) -> float:
    return nodes.index(node) if node in nodes else math.inf


def _marked(path: Sequence[str], start: int, length: int, mark: Mark) -> Line:
    parts = (
        (path[:start], Mark.NONE),
        (path[start : start + length], mark),
        (path[start + length :], Mark.NONE),
    )
    return tuple(_joined(parts))


def _joined(parts: Sequence[tuple[Sequence[str], Mark]]) -> Iterator[Span]:
    """Yield the parts that have nodes, with an unmarked arrow between them."""
    is_first = True
    for nodes, mark in parts:
        if nodes:
            if not is_first:
                yield Span(_ARROW)
            yield Span(_ARROW.join(map(one_line, nodes)), mark)
            is_first = False


def name_parts(name: str) -> list[str]:
    """Split a name where it may wrap: after separators and before humps; joined, they are it.

    `ConfirmRebooking_HTTPError` is `Confirm`, `Rebooking_`, `HTTP`, `Error`.
    """
    return [part for part in _WRAPS.split(name) if part]
