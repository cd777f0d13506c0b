"""What the page shows of a step: the user's input, the responses, and why it did not pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Any

from markupsafe import Markup
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.model import Case, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.earlier import Earlier, last_passed, last_responses
from gatekeeper.core.reports.page.limits import Extent, Place, framed, some
from gatekeeper.core.reports.page.reasons import ShownReason, shown_reason
from gatekeeper.core.reports.page.responses import ShownResponse, responses_of, shown_responses
from gatekeeper.core.result_file.changes import LastPass
from gatekeeper.core.text import as_text, cut_middle, one_line, printable
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.steps import details_of, step_of, user_input

_REQUEST_ID = "request id"
_FACT_LIMIT = 1_000  # characters
_LAST_PASS_LIMIT = 2_000  # characters
_LEAST_FOLDED = 2  # a passed step alone is the context of a failure


class ShownLastPass(Record):
    """When a step that did not pass last did, and with which responses if they were others."""

    text: str
    responses: tuple[ShownResponse, ...]


class Turn(Record):
    """A step of the conversation as the page shows it.

    `left_out` says how many responses, reasons and warnings are not shown; `recently` how the step
    changed, and how often it failed in earlier runs; `last_pass` what it last passed with.
    """

    anchor: str
    index: int
    outcome: Outcome
    user_input: str
    is_event: bool
    responses: tuple[ShownResponse, ...]
    reasons: tuple[ShownReason, ...]
    warnings: tuple[str, ...]
    left_out: tuple[str, ...]
    recently: str
    facts: tuple[tuple[str, str], ...]
    raw: Markup | None
    is_raw_left_out: bool
    last_pass: ShownLastPass | None = None


def anchor(run: int, index: int) -> str:
    """Return the anchor of a step in the page; runs and steps count from 1."""
    return f"run-{run}-step-{index}"


class Stretch(Record):
    """Consecutive steps that the page shows; passed ones without warnings are `folded`."""

    first: int
    last: int
    folded: bool
    turns: Iterable[Turn]


def stretches(
    number: int,
    run: Run,
    extent: Extent,
    earlier: Earlier,
    differences: Differences,
) -> Iterator[Stretch]:
    """Yield the steps of a run that the page shows, in order; runs count from 1."""

    def turn_of(case: Case) -> Turn:
        place = (number - 1, case.index)
        turn = _turn(place, case, step_of(run, case), extent, differences)
        text, found = earlier.of_step(run, case), earlier.changes.last_pass(run, case)
        if not text and not found:
            return turn
        return replace(turn, recently=text, last_pass=_last_pass(found, extent) if found else None)

    visible = (case for case in run.verdict.cases if (number - 1, case.index) in extent.steps)
    for is_plain, group in groupby(visible, _is_plain):
        cases = list(group)
        folded = is_plain and len(cases) >= _LEAST_FOLDED
        yield Stretch(cases[0].index, cases[-1].index, folded, map(turn_of, cases))


def _last_pass(found: LastPass, extent: Extent) -> ShownLastPass:
    limit = min(extent.text_limit, _LAST_PASS_LIMIT)
    step, case = Step(actual_output=list(last_responses(found))), Case(1, Outcome.PASSED)
    responses = some(shown_responses(step, case, limit), lambda response: response.size, limit)
    return ShownLastPass(last_passed(found), tuple(responses))


def _is_plain(case: Case) -> bool:
    return case.outcome is Outcome.PASSED and not case.warnings


def _turn(
    place: Place, case: Case, step: Step | None, extent: Extent, differences: Differences
) -> Turn:
    limit = extent.text_limit
    raw = extent.raw.get(place)
    step = step or Step()
    responses = some(shown_responses(step, case, limit), lambda response: response.size, limit)
    reasons = some(
        (shown_reason(reason, limit, differences) for reason in case.reasons),
        lambda reason: reason.size,
        limit,
    )
    texts = (cut_middle(printable(str(warning)), limit) for warning in case.warnings)
    warnings = some(texts, lambda text: framed(len(text)), limit)
    return Turn(
        anchor=anchor(place[0] + 1, case.index),
        index=case.index,
        outcome=case.outcome,
        user_input=_user_input(step, limit),
        is_event=_is_event(step),
        responses=tuple(responses),
        reasons=tuple(reasons),
        warnings=tuple(warnings),
        left_out=tuple(
            f"{count} more {thing}{'s' if count > 1 else ''}"
            for thing, count in (
                ("response", len(responses_of(step, case)) - len(responses)),
                ("reason", len(case.reasons) - len(reasons)),
                ("warning", len(case.warnings) - len(warnings)),
            )
            if count
        ),
        recently="",
        facts=tuple(some(_facts(step), lambda fact: framed(len(fact[1])), limit)),
        raw=None if raw is None else Markup(escape(raw, quote=False)),  # noqa: S704 - escaped
        is_raw_left_out=raw is None and bool(extent.raw),
    )


def _is_event(step: Step) -> bool:
    """Whether an event stands for the user's input, even if its name is repeated as the input."""
    return step.input in (None, "") or step.input == step.event


def _user_input(step: Step, limit: int) -> str:
    if _is_event(step):
        return user_input(replace(step, input=None))
    return cut_middle(printable(as_text(step.input)), limit)


def _facts(step: Step) -> Iterator[tuple[str, str]]:
    """Yield a step's details with their labels: the request id first, the places last."""
    parts = (detail.partition(": ") for detail in details_of(step))
    details = [(label, text) for label, _, text in parts]
    yield from (detail for detail in details if detail[0] == _REQUEST_ID)
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
    yield from (detail for detail in details if detail[0] != _REQUEST_ID)


def _listed(value: Any) -> str:
    is_plain = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return ", ".join(value) if is_plain else as_text(value)
