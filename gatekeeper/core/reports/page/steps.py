"""What the page shows of a step: what was said, what was answered, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as escape_text
from typing import Any

from markupsafe import Markup, escape
from msgspec.structs import replace

from gatekeeper.core.answer.message import Message, read_message
from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.model import Case, Comparison, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import Extent, some
from gatekeeper.core.result_file.trends import Trends
from gatekeeper.core.text import as_path, as_text, cut_middle, one_line, printable
from gatekeeper.core.wording.failures import compared, flow_path, said, step_of, whereabouts
from gatekeeper.core.wording.styled import Line, Mark, Marks, Span, rendered

_MARKS: Marks = {
    Mark.MISSING: ("<del>", "</del>"),
    Mark.EXTRA: ("<ins>", "</ins>"),
    Mark.GOOD: ('<b class="due">', "</b>"),
    Mark.BAD: ('<b class="astray">', "</b>"),
}
_REQUEST_ID = "request id"
_FACT_LIMIT = 1_000
_PATH_LIMIT = 300
# More elements of a message than anybody reads, and the depth to which cards hold cards.
_MOST_PARTS = 100
_DEEPEST = 3
# What each text counts beside its length.
_FRAME = 50


class Answer(Record):
    """A response of the app, by its number; where it never `came`, the one that was expected."""

    number: int
    message: Message
    path: str
    came: bool
    is_wrong: bool


class Compared(Record):
    """What was expected of a subject, each variation, and what was answered; differences marked."""

    subject: str
    expected: tuple[Markup, ...]
    left_out: int
    answered: Markup

    @property
    def size(self) -> int:
        """How many characters it takes."""
        return len(self.answered) + sum(map(_framed, self.expected))


class Explained(Record):
    """Why a step did not pass; `has_subjects` tells comparisons by subject from those of a text."""

    text: str
    path: Markup
    comparisons: tuple[Compared, ...]
    left_out: int
    has_subjects: bool

    @property
    def size(self) -> int:
        """How many characters it takes."""
        return len(self.text) + sum(one.size for one in self.comparisons)


class Turn(Record):
    """A step of the conversation as it is shown.

    `said` is what the user said, or the event that stood for it. Each kind of thing can have more
    of it than is shown; `left_out` says how many, in words. `lately` is how often it failed before.
    """

    anchor: str
    index: int
    outcome: Outcome
    said: str
    is_event: bool
    answers: tuple[Answer, ...]
    reasons: tuple[Explained, ...]
    warnings: tuple[str, ...]
    left_out: tuple[str, ...]
    lately: str
    facts: tuple[tuple[str, str], ...]
    raw: Markup | None
    is_raw_left_out: bool


def anchor(run: int, index: int) -> str:
    """Name the place of a step in the page; runs and steps count from 1."""
    return f"run-{run}-step-{index}"


def turns(number: int, run: Run, shown: Extent, trends: Trends) -> Iterator[Turn]:
    """Draw the steps of a run that are shown, in their order; `number` is the run's, from 0."""
    for case in run.verdict.cases:
        place = (number, case.index)
        if place in shown.steps:
            raw = shown.raw.get(place)
            turn = _turn(anchor(number + 1, case.index), case, step_of(run, case), shown, raw)
            lately = trends.of_step(run, case)
            yield replace(turn, lately=lately) if lately else turn


def _turn(name: str, case: Case, step: Step | None, shown: Extent, raw: str | None) -> Turn:
    limit = shown.text_limit
    drawn = step or Step()
    responses = _responses(drawn, case)
    answers = some(_answers(drawn, case, responses, limit), _size_of_answer, limit)
    reasons = some((_explained(one, limit) for one in case.reasons), lambda one: one.size, limit)
    told = (cut_middle(printable(str(warning)), limit) for warning in case.warnings)
    warnings = some(told, _framed, limit)
    return Turn(
        anchor=name,
        index=case.index,
        outcome=case.outcome,
        said=_said(drawn, limit),
        is_event=_is_event(drawn),
        answers=tuple(answers),
        reasons=tuple(reasons),
        warnings=tuple(warnings),
        left_out=tuple(
            f"{count} {thing}{'s' if count > 1 else ''}"
            for thing, count in (
                ("response", len(responses) - len(answers)),
                ("reason", len(case.reasons) - len(reasons)),
                ("warning", len(case.warnings) - len(warnings)),
            )
            if count
        ),
        lately="",
        facts=tuple(some(_facts(drawn), lambda fact: _framed(fact[1]), limit)),
        raw=None if raw is None else Markup(escape_text(raw, quote=False)),  # noqa: S704 - escaped
        is_raw_left_out=raw is None and bool(shown.raw),
    )


def _is_event(step: Step) -> bool:
    """Whether an event stands for what the user said, be it that its name is the input."""
    return step.input in (None, "") or step.input == step.event


def _said(step: Step, limit: int) -> str:
    if _is_event(step):
        return said(replace(step, input=None))
    return cut_middle(printable(as_text(step.input)), limit)


def _responses(step: Step, case: Case) -> list[Response]:
    """List the responses that came, then those that were expected after them."""
    came = step.actual_output or []
    # Nothing can be missed in a step that was not executed.
    due = [] if case.outcome is Outcome.SKIPPED else step.outputs or []
    return [*came, *due[len(came) :]]


def _answers(step: Step, case: Case, responses: list[Response], limit: int) -> Iterator[Answer]:
    wrong = {reason.mismatch.response for reason in case.reasons if reason.mismatch}
    came = len(step.actual_output or ())
    for number, response in enumerate(responses, 1):
        path = response.transition_node_names or response.transitions or response.node_name
        yield Answer(
            number,
            _message("" if response.text is None else as_text(response.text), limit),
            one_line(as_path(path), _PATH_LIMIT) if path else "",
            came=number <= came,
            is_wrong=number in wrong,
        )


def _message(text: str, limit: int) -> Message:
    """Read a message and make it fit to be shown: one with too much in it becomes plain text."""
    message = read_message(text)
    if _size(message) > limit or _parts(message) > _MOST_PARTS:
        return Message((cut_middle(printable("\n".join(message.lines())), limit),))
    return _shown(message, _DEEPEST)


def _shown(message: Message, depth: int) -> Message:
    if not depth:
        return Message((printable("\n".join(message.lines())),))
    return Message(
        tuple(map(printable, message.texts)),
        tuple(map(printable, message.choices)),
        tuple(_shown(entry, depth - 1) for entry in message.entries),
        message.is_template,
    )


def _size(message: Message) -> int:
    return sum(len(line) for line in message.lines())


def _parts(message: Message) -> int:
    """Count the elements that a message would be drawn with."""
    todo, parts = [message], 0
    while todo:
        one = todo.pop()
        parts += len(one.texts) + len(one.choices) + 1
        todo += one.entries
    return parts


def _size_of_answer(answer: Answer) -> int:
    return _FRAME * _parts(answer.message) + _size(answer.message)


def _explained(reason: Reason, limit: int) -> Explained:
    mismatch = reason.mismatch
    text = cut_middle(printable(str(reason)), limit)
    if mismatch is None:
        return Explained(text, Markup(), (), 0, has_subjects=False)
    drawn = (_compared(comparison, limit) for comparison in mismatch.comparisons)
    comparisons = some(drawn, lambda one: one.size, limit)
    return Explained(
        text,
        _marked(flow_path(mismatch)),
        tuple(comparisons),
        len(mismatch.comparisons) - len(comparisons),
        has_subjects=any(one.subject != mismatch.kind for one in mismatch.comparisons),
    )


def _compared(comparison: Comparison, limit: int) -> Compared:
    # Any number of variations shares what one text and its answer may take.
    share = max(_PATH_LIMIT, 2 * limit // (len(comparison.expected) + 1))
    rows: list[list[Span]] = []
    for (label, *_), *spans in compared(comparison, min(limit, share)):
        if label.strip():
            rows.append(spans)
        else:
            rows[-1] += [Span("\n"), *spans]
    *expected, answered = (_marked(tuple(row)) for row in rows)
    shown = some(expected, _framed, limit)
    subject = one_line(comparison.subject)
    return Compared(subject, tuple(shown), len(expected) - len(shown), answered)


def _framed(text: str) -> int:
    return len(text) + _FRAME


def _marked(spans: Line) -> Markup:
    # What stands between the marks is escaped.
    return Markup(rendered(spans, _MARKS, escape))  # noqa: S704


def _facts(step: Step) -> Iterator[tuple[str, str]]:
    """Tell a step's particulars, each with its label; where its responses came from is the last."""
    places = [
        (label, told) for label, _, told in (one.partition(": ") for one in whereabouts(step))
    ]
    yield from (place for place in places if place[0] == _REQUEST_ID)
    for label, value in (
        ("NLP version", step.nlp_version),
        ("event", None if _is_event(step) else step.event),
        ("intents", step.intents),
        ("entities", step.entities),
        ("FAQs", step.faqs),
        ("small talk", step.smalltalk),
    ):
        if value:
            yield label, one_line(_listed(value), _FACT_LIMIT)
    yield from (place for place in places if place[0] != _REQUEST_ID)


def _listed(value: Any) -> str:
    is_plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return ", ".join(value) if is_plain else as_text(value)
