"""How the page shows a step's responses: the actual ones, then the missing ones."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.message.blocks import Block, Choices, Group
from gatekeeper.core.message.lines import lines_of
from gatekeeper.core.message.read import read_message
from gatekeeper.core.model import Case
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import framed
from gatekeeper.core.text import as_path, as_text, cut_middle, one_line, printable

_PATH_LIMIT = 300  # characters
# Elements of a message, and levels of cards within cards, beyond which it is shown as plain text.
_MOST_PARTS = 100
_DEEPEST = 3


class ShownMessage(Record):
    """A message's texts, the choices it offers, and its entries or cards."""

    texts: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    entries: tuple[ShownMessage, ...] = ()


class ShownResponse(Record):
    """A response as the page shows it, by its number; a missing one shows the expected message."""

    number: int
    message: ShownMessage
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


def _message(text: str, limit: int) -> ShownMessage:
    """Read a message and make it printable; one that is too large becomes plain text."""
    blocks = read_message(text).blocks
    message = _drawn(blocks, _DEEPEST)
    if _length(message) > limit or _parts(message) > _MOST_PARTS:
        return ShownMessage((cut_middle(printable("\n".join(lines_of(blocks))), limit),))
    return message


def _drawn(blocks: tuple[Block, ...], depth: int) -> ShownMessage:
    if not depth:
        return ShownMessage((printable("\n".join(lines_of(blocks))),))
    groups = [block for block in blocks if isinstance(block, Group)]
    choices = [block for block in blocks if isinstance(block, Choices)]
    rest = (block for block in blocks if not isinstance(block, Group | Choices))
    return ShownMessage(
        tuple(printable("\n".join(lines_of((block,)))) for block in rest),
        tuple(printable(label) for block in choices for label in block.labels),
        tuple(_drawn(entry, depth - 1) for group in groups for entry in group.entries),
    )


def _length(message: ShownMessage) -> int:
    texts = sum(map(len, (*message.texts, *message.choices)))
    return texts + sum(map(_length, message.entries))


def _parts(message: ShownMessage) -> int:
    """Count the elements that show a message."""
    parts = len(message.texts) + len(message.choices) + 1
    return parts + sum(map(_parts, message.entries))
