"""Where a suite's steps stand in its JSON file, so that a failure can point at its line.

The file is what the platform exports and imports: `testCases`, each with its `messages`, each with
the user's `input`. The steps of a run are these messages, in order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.record import Record

_INPUT = re.compile(r'"input"\s*:\s*("(?:[^"\\]|\\.)*")')


class SourceMap(Record):
    """A suite's file, as the repository calls it, and its steps: each one's line and input.

    The line is `None` where it could not be told.
    """

    file: str
    steps: tuple[tuple[int | None, str], ...]

    def line_of(self, index: int, said: Any) -> int | None:
        """Return the line of a step, by its number (from 1) and its input; `None` if unsure.

        Where the file has changed since, an input that stands in it only once is found as well.
        """
        if index <= len(self.steps) and self.steps[index - 1][1] == said:
            return self.steps[index - 1][0]
        lines = [line for line, text in self.steps if text == said]
        return lines[0] if len(lines) == 1 else None


def read_source_map(file: str, text: str) -> SourceMap:
    """Read a suite's JSON; raises `ValueError` for what is none."""
    try:
        inputs = list(_inputs(sound_json(text)))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("it is not a suite's JSON, which has testCases with messages") from None
    found = list(_found(text))
    steps: list[tuple[int | None, str]] = []
    next_one = 0
    for said in inputs:
        # Other objects can have an input too: those of the messages are found in their order.
        at = next((at for at in range(next_one, len(found)) if found[at][1] == said), None)
        steps.append((None if at is None else found[at][0], said))
        next_one = next_one if at is None else at + 1
    return SourceMap(file, tuple(steps))


def _found(text: str) -> Iterator[tuple[int, str]]:
    """Find every input and its line, whatever it belongs to."""
    line, seen = 1, 0
    for match in _INPUT.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        yield line, json.loads(match[1], strict=False)


def _inputs(suite: Any) -> Iterator[str]:
    for case in suite["testCases"]:
        for message in case["messages"]:
            yield message.get("input") or ""
