"""The responses and texts of a step as `result.json` has them, within limits."""

from __future__ import annotations

from typing import Any

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.result_file.schema import SavedResponse
from gatekeeper.core.text import as_text, cut_middle, printable

_TEXT_LIMIT = 20_000
# Of a step that passed: characters of a text, and responses.
_PASSED_TEXT_LIMIT = 4_000
_PASSED_RESPONSES = 20


def saved_response(response: Response) -> SavedResponse:
    """Return a response as the file has it, with where in the app it came from."""
    path = response.path or ()
    nodes = path if isinstance(path, list | tuple) else [path]
    return SavedResponse(
        text=saved_text(response.text),
        node=saved_text(response.node_name or None),
        node_id=saved_text(response.node_id or None),
        dialog=saved_text(response.dialog_name or None),
        intent=saved_text(response.intent_id or None),
        path=tuple(bounded(as_text(node)) for node in nodes),
    )


def shortened_responses(step: Step) -> tuple[SavedResponse, ...]:
    """Return the responses as the file has them of a step that passed: long texts end in `…`."""
    return tuple(map(_shortened, (step.actual_output or ())[:_PASSED_RESPONSES]))


def _shortened(response: Response) -> SavedResponse:
    saved = saved_response(response)
    return SavedResponse(
        text=_cut(saved.text),
        node=_cut(saved.node),
        node_id=_cut(saved.node_id),
        dialog=_cut(saved.dialog),
        intent=_cut(saved.intent),
        path=tuple(node for node in map(_cut, saved.path[:_PASSED_RESPONSES]) if node is not None),
    )


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= _PASSED_TEXT_LIMIT:
        return text
    return f"{text[: _PASSED_TEXT_LIMIT - 1]}…"


def saved_text(value: Any) -> str | None:
    """Return any JSON value as the file has it."""
    if value is None:
        return None
    # An input without visible characters stays an input: a reader takes an empty one for an event.
    return bounded(as_text(value)) or (" " if value != "" else "")


def bounded(text: str) -> str:
    """Return a text that can be shown, without the middle of one that is too long."""
    return cut_middle(printable(text), _TEXT_LIMIT)
