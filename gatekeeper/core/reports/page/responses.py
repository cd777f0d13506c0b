"""How the page shows a step's responses: the actual ones, then the missing ones."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.message.blocks import Message
from gatekeeper.core.message.read import read_message
from gatekeeper.core.model import Case
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import framed, indented
from gatekeeper.core.reports.page.messages import Drawing, drawing
from gatekeeper.core.text import as_path, as_text, cut_middle, one_line, printable

_PATH_LIMIT = 300  # characters


class ShownResponse(Record):
    """A response as the page shows it, by its number; a missing one shows the expected message."""

    number: int
    drawing: Drawing
    raw: str
    path: str
    is_missing: bool
    is_wrong: bool

    @property
    def size(self) -> int:
        """Its length in characters, with an allowance for each element."""
        return self.drawing.size + framed(len(self.raw) + len(self.path))


def responses_of(step: Step, case: Case) -> list[Response]:
    """List the actual responses, then the expected ones that are missing after them."""
    actual = step.actual_output or []
    # A step that was not executed cannot miss a response.
    expected = [] if case.outcome is Outcome.SKIPPED else step.outputs or []
    return [*actual, *expected[len(actual) :]]


def shown_responses(step: Step, case: Case, limit: int) -> Iterator[ShownResponse]:
    """Render the responses of a step, each with at most `limit` characters of text."""
    wrong = {reason.mismatch.response for reason in case.reasons if reason.mismatch}
    actual = len(step.actual_output or ())
    for number, response in enumerate(responses_of(step, case), 1):
        path = response.path or response.node_name
        text = "" if response.text is None else as_text(response.text)
        message = read_message(text)
        yield ShownResponse(
            number,
            drawing(message, limit),
            _raw(text, message, limit),
            one_line(as_path(path), _PATH_LIMIT) if path else "",
            is_missing=number > actual,
            is_wrong=number in wrong,
        )


def _raw(text: str, message: Message, limit: int) -> str:
    """Return the JSON of a message, indented; empty for plain text."""
    return printable(cut_middle(indented(text, limit), limit)) if message.is_template else ""
