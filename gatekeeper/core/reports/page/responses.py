"""How the page shows a step's responses: the actual ones, then the missing ones."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.message import Message, read_message
from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.model import Case
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import framed
from gatekeeper.core.text import as_path, as_text, cut_middle, one_line, printable

_PATH_LIMIT = 300  # characters
# Elements of a message, and levels of cards within cards, beyond which it is shown as plain text.
_MOST_PARTS = 100
_DEEPEST = 3


class ShownResponse(Record):
    """A response as the page shows it, by its number; a missing one shows the expected message."""

    number: int
    message: Message
    path: str
    is_missing: bool
    is_wrong: bool

    @property
    def size(self) -> int:
        """Its length in characters, with an allowance for each element."""
        return framed(_length(self.message), _parts(self.message))


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
        yield ShownResponse(
            number,
            _message("" if response.text is None else as_text(response.text), limit),
            one_line(as_path(path), _PATH_LIMIT) if path else "",
            is_missing=number > actual,
            is_wrong=number in wrong,
        )


def _message(text: str, limit: int) -> Message:
    """Read a message and make it printable; one that is too large becomes plain text."""
    message = read_message(text)
    if _length(message) > limit or _parts(message) > _MOST_PARTS:
        return Message((cut_middle(printable("\n".join(message.lines())), limit),))
    return _printable(message, _DEEPEST)


def _printable(message: Message, depth: int) -> Message:
    if not depth:
        return Message((printable("\n".join(message.lines())),))
    return Message(
        tuple(map(printable, message.texts)),
        tuple(map(printable, message.choices)),
        tuple(_printable(entry, depth - 1) for entry in message.entries),
        message.is_template,
    )


def _length(message: Message) -> int:
    return sum(len(line) for line in message.lines())


def _parts(message: Message) -> int:
    """Count the elements that show a message."""
    todo, parts = [message], 0
    while todo:
        current = todo.pop()
        parts += len(current.texts) + len(current.choices) + 1
        todo += current.entries
    return parts
