"""What reports say of a step's earlier results: how it changed, and what it last passed with."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Response
from gatekeeper.core.message.read import visible_text
from gatekeeper.core.model import Case, Run
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.changes import NO_CHANGES, Changes, LastPass
from gatekeeper.core.result_file.read import response_of
from gatekeeper.core.result_file.trends import NO_TRENDS, Trends
from gatekeeper.core.text import cut_middle
from gatekeeper.core.wording.styled import Line, line

_MOST_RESPONSES = 5


class Earlier(Record):
    """What is known of earlier gates: the trends, and what changed since."""

    trends: Trends = NO_TRENDS
    changes: Changes = NO_CHANGES

    def of_step(self, run: Run, case: Case) -> str:
        """Return how a step changed, and how often it failed; empty if that is unknown."""
        change, trend = self.changes.of(run, case), self.trends.of_step(run, case)
        # Of one run, a trend says the same in other words.
        if change and trend.endswith("the last run"):
            trend = ""
        return "; ".join(filter(None, (change, trend)))


NOTHING_EARLIER = Earlier()


def last_passed(found: LastPass) -> str:
    """Return in which gate a step last passed, and whether it had the same responses."""
    same = " with the same responses" if found.is_same else ""
    return f"last passed {found.when}{same}"


def last_responses(found: LastPass) -> tuple[Response, ...]:
    """Return the first responses with which a step last passed, unless it has the same ones now."""
    return () if found.is_same else tuple(map(response_of, found.responses[:_MOST_RESPONSES]))


def last_pass_lines(found: LastPass, limit: int) -> Iterator[Line]:
    """Yield when a step last passed, and with which responses, of up to `limit` characters each."""
    responses = last_responses(found)
    yield line(f"{last_passed(found)}{':' if responses else ''}")
    for number, response in enumerate(responses, 1):
        label = f"    response {number}: "
        text = visible_text(response.text or "") or "(no text)"
        first, *rest = cut_middle(text, limit).split("\n")
        yield line(f"{label}{first}")
        yield from (line(f"{'':{len(label)}}{continued}") for continued in rest)
