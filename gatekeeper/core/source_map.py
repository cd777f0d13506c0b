"""Where the steps of a suite are in its JSON file, so that a failure can point at its line.

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
    """A suite's file, by its path in the repository, and its steps: the line and input of each.

    The line is `None` if it could not be found.
    """

    file: str
    steps: tuple[tuple[int | None, str], ...]

    def line_of(self, index: int, user_input: Any) -> int | None:
        """Return the line of a step, by its number (from 1) and its input; `None` if unsure.

        If the file has changed since, an input that occurs in it only once is found as well.
        """
        if index <= len(self.steps) and self.steps[index - 1][1] == user_input:
            return self.steps[index - 1][0]
        lines = [line for line, text in self.steps if text == user_input]
        return lines[0] if len(lines) == 1 else None


def read_source_map(file: str, text: str) -> SourceMap:
    """Read a suite's JSON; raises `ValueError` if it is something else."""
    try:
        inputs = list(_inputs(sound_json(text)))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("it is not a test suite's JSON: testCases with messages") from None
    occurrences = list(_occurrences(text))
    steps: list[tuple[int | None, str]] = []
    start = 0
    for user_input in inputs:
        # Other objects can have an input too: those of the messages are searched in order.
        rest = range(start, len(occurrences))
        found = next((index for index in rest if occurrences[index][1] == user_input), None)
        steps.append((None if found is None else occurrences[found][0], user_input))
        start = start if found is None else found + 1
    return SourceMap(file, tuple(steps))


def _occurrences(text: str) -> Iterator[tuple[int, str]]:
    """Yield every input with its line, whatever object it belongs to."""
    line, end = 1, 0
    for match in _INPUT.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield line, json.loads(match[1], strict=False)


def _inputs(suite: Any) -> Iterator[str]:
    for case in suite["testCases"]:
        for message in case["messages"]:
            yield message.get("input") or ""
