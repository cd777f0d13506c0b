"""The JSON of a message, decoded so that numbers stay as they were written."""

from __future__ import annotations

import json
import re
from typing import Any

from gatekeeper.core.answer.soundness import refuse_deep

# Larger JSON, in characters, is no message that a person could read.
LONGEST = 500_000
# A string, which may lack its end, or a placeholder outside of strings. No placeholder extends over
# another "{{", so that finding them takes time in proportion to the text.
_STRING_OR_PLACEHOLDER = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\Z)|\{\{(?:(?!\{\{|\}\})[^"])*+\}\}', re.DOTALL
)


class Number(str):
    """A number of a message, in the characters in which it was written."""

    __slots__ = ()


def decode(text: str) -> Any:
    """Decode a message; a placeholder `{{…}}` may stand for any value.

    Raises `ValueError` if it is not JSON, too large or nested too deeply.
    """
    if len(text) > LONGEST:
        raise ValueError("too large for a message")
    refuse_deep(text.encode("utf-8", "replace"))
    try:
        return _decoded(text)
    except ValueError:
        if "{{" not in text:
            raise
    return _decoded(_STRING_OR_PLACEHOLDER.sub(_quoted, text))


def _decoded(text: str) -> Any:
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)


def _quoted(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else json.dumps(match[0])
