"""The platform's response as typed structures.

The shape is that of the endpoint "Get the Execution Status and Summary of a Test Suite". Only what
the verdict or a report needs is declared; everything else in a response is ignored. A field that
the verdict depends on has its type, all others take any value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, overload

import msgspec

from gatekeeper.core.record import Record

_COMPLETE = 100.0
_LONGEST_DURATION = 1e11  # milliseconds; no run takes three years


class Response(Record, rename="camel"):
    """One message of the app: an actual one (`actualOutput`) or an expected one (`outputs`)."""

    text: Any = None
    node_id: Any = None
    node_name: Any = None
    intent_id: Any = None
    dialog_name: Any = None
    transitions: Any = None
    transition_node_names: Any = None
    text_mismatch: Any = None
    # By kind: `flowLevel`, `text`, `context`, and kinds yet to come. A value may be anything but an
    # object too, so that an unknown field here does not make the response unreadable. They are not
    # typed: an unknown kind can have any shape, and a disabled assertion does not count whatever it
    # contains; the verdict checks the types of an enabled one.
    assertions: dict[str, Any] | None = None
    status: Any = None

    @property
    def path(self) -> Any:
        """The nodes that it passed through, by their names if the platform gives them."""
        return self.transition_node_names or self.transitions


class Step(Record, rename="camel"):
    """One user input and the app's responses to it; the platform's "test case"."""

    status: str | None = None
    input: Any = None
    event: Any = None
    request_id: Any = None
    nlp_version: Any = None
    intents: Any = None
    entities: Any = None
    faqs: Any = None
    smalltalk: Any = None
    actual_output: list[Response] | None = None
    outputs: list[Response] | None = None


_STEP = msgspec.json.Decoder(Step)


class LazySteps(Sequence[Step]):
    """The steps of a response, each decoded whenever it is accessed.

    They refer to the response and hold nothing else: decoded, they would take twice its size.
    Accessing a malformed step raises what `msgspec` raises.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Sequence[msgspec.Raw]) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[Step]:
        return map(_STEP.decode, self._raw)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        if isinstance(index, slice):
            return LazySteps(self._raw[index])
        return _STEP.decode(self._raw[index])

    def raw(self, index: int) -> str:
        """Return the JSON of a step, as it is in the response."""
        return bytes(self._raw[index]).decode("utf-8", "replace")


class StepDetails(Record):
    """The platform's own count of the steps."""

    passed: int | float | None = None
    failed: int | float | None = None
    total: int | float | None = None
    # The counters of any other name, which `read_result` fills in.
    others: Any = None


class Execution(Record, rename="camel"):
    """The `result` of a run: `execution_results` is `None` if there are no step details."""

    status: str | None = None
    version: Any = None
    start_time: Any = None
    duration: Any = None
    file_url: Any = None
    error_details: Any = None
    step_details: StepDetails | None = None
    execution_results: Sequence[Step] | None = None


class Result(Record, rename="camel"):
    """A response of the status endpoint."""

    id: Any = msgspec.field(default=None, name="_id")
    stream_id: Any = None
    status: str | None = None
    total_test_steps_count: int | float | None = None
    percentage_completed: Any = None
    errors: Any = None
    result: Execution | None = None

    @property
    def duration(self) -> float | None:
        """The run's length as the platform measured it, in seconds."""
        milliseconds = number(self.result.duration) if self.result else None
        if milliseconds is None or not 0 <= milliseconds < _LONGEST_DURATION:
            return None
        return milliseconds / 1000

    @property
    def version(self) -> str | None:
        """The version of the app that was tested, by the platform's name for it."""
        version = self.result.version if self.result else None
        return version if isinstance(version, str) else None

    @property
    def results_url(self) -> str | None:
        """The link to the platform's results file, if it is one that can be followed safely."""
        url = self.result.file_url if self.result else None
        if isinstance(url, str) and re.fullmatch(r"https://[!-~]{1,4000}", url):
            return url
        return None


class _ProgressOfExecution(Record):
    status: Any = None


class Progress(Record, rename="camel"):
    """As much of a response as says whether the run has ended; tolerant of every type."""

    status: Any = None
    percentage_completed: Any = None
    total_test_steps_count: Any = None
    errors: Any = None
    result: _ProgressOfExecution | str | int | float | bool | list[Any] | None = None

    @property
    def states(self) -> tuple[Any, Any]:
        """The state of the run and that of its result; `None` for one that is missing."""
        inner = self.result.status if isinstance(self.result, _ProgressOfExecution) else None
        return self.status, inner

    @property
    def percentage(self) -> float | None:
        """How much of the run is done, 0 to 100; `None` if it is unknown."""
        percentage = number(self.percentage_completed)
        return percentage if percentage is not None and 0 <= percentage <= _COMPLETE else None

    @property
    def total_steps(self) -> int | None:
        """The number of steps of the suite; `None` if it is unknown."""
        total = number(self.total_test_steps_count)
        return None if total is None else int(total)


def number(value: Any) -> float | None:
    """Return a finite number as `float`, and `None` for anything else (booleans included)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
