"""The platform's answer as typed structures, and reading one.

The shape is that of the endpoint "Get the Execution Status and Summary of a Test Suite". Only what
the verdict or a report needs is declared; anything else in an answer is passed over. A field that
the verdict rests on has its type, all others take any value.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, TypeVar

import msgspec

from gatekeeper.core.text import one_line
from gatekeeper.errors import MalformedResult

_COMPLETE = 100.0
_LONGEST_DURATION = 1e11  # milliseconds; three years are no run's duration


class Assertion(msgspec.Struct, frozen=True, gc=False):
    """One assertion on a response.

    Its fields take any value because a disabled one does not count, whatever it holds; the
    verdict looks at the types of an enabled one.
    """

    enabled: Any = None
    status: Any = None
    contains: Any = None


class Response(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One message of the app: what came (`actualOutput`) or what was expected (`outputs`)."""

    text: Any = None
    node_id: Any = None
    node_name: Any = None
    intent_id: Any = None
    dialog_name: Any = None
    transitions: Any = None
    transition_node_names: Any = None
    text_mismatch: Any = None
    # By kind: `flowLevel`, `text`, `context`, and kinds yet to come. Other than an object is
    # allowed so that an unknown field here does not make the answer unreadable.
    assertions: dict[str, Assertion | str | int | float | bool | list[Any] | None] | None = None


class Step(msgspec.Struct, frozen=True, gc=False, rename="camel"):
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


class StepDetails(msgspec.Struct, frozen=True, gc=False):
    """The platform's own count of the steps."""

    passed: int | float | None = None
    failed: int | float | None = None
    total: int | float | None = None


class Execution(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The `result` of a run: `execution_results` is `None` where the answer has no step detail."""

    status: str | None = None
    version: Any = None
    start_time: Any = None
    duration: Any = None
    file_url: Any = None
    error_details: Any = None
    step_details: StepDetails | None = None
    execution_results: list[Step] | None = None


class Result(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One answer of the status endpoint."""

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
        """The version of the app that was tested, in the platform's word."""
        version = self.result.version if self.result else None
        return version if isinstance(version, str) else None

    @property
    def results_url(self) -> str | None:
        """The link to the platform's results file, if there is one that can be followed safely."""
        url = self.result.file_url if self.result else None
        if isinstance(url, str) and re.fullmatch(r"https://[!-~]{1,4000}", url):
            return url
        return None


class _ProgressOfExecution(msgspec.Struct, frozen=True, gc=False):
    status: Any = None


class Progress(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """As much of an answer as tells whether the run goes on; tolerant of every type."""

    status: Any = None
    percentage_completed: Any = None
    total_test_steps_count: Any = None
    errors: Any = None
    result: _ProgressOfExecution | str | int | float | bool | list[Any] | None = None

    @property
    def states(self) -> tuple[Any, Any]:
        """The state of the run and that of its result; `None` where one is not told."""
        inner = self.result.status if isinstance(self.result, _ProgressOfExecution) else None
        return self.status, inner

    @property
    def percentage(self) -> float | None:
        """How far the run is, 0 to 100; `None` where that is not told."""
        told = number(self.percentage_completed)
        return told if told is not None and 0 <= told <= _COMPLETE else None

    @property
    def total_steps(self) -> int | None:
        """The number of steps of the suite; `None` where that is not told."""
        total = number(self.total_test_steps_count)
        return None if total is None else int(total)


class _Started(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    test_run_id: Any = None


def read_started(body: bytes) -> str | None:
    """Read the id of a run from the answer to its start; `None` where there is none in it."""
    run_id = _decode(body, _Started).test_run_id
    sound = isinstance(run_id, str) and re.fullmatch(r"[!-~]{1,200}", run_id)
    return run_id if sound else None


def number(value: Any) -> float | None:
    """Return a finite number as `float`, and `None` for anything else (booleans included)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def read_result(body: bytes) -> Result:
    """Read an answer of the status endpoint whole.

    Raises `MalformedResult`, which names the path of a wrong type:
    `result.executionResults[3].status: expected text, found list`. A name that stands twice in an
    object is one too (in answers of up to 4 MB), as only one of its values would count.
    """
    result = _decode(body, Result)
    if len(body) <= _SEARCHED_BYTES:
        _refuse_repeated_names(body)
    return result


# Some 2,000 steps. Above that, the search would take longer than everything else together.
_SEARCHED_BYTES = 4 * 1024 * 1024


def _refuse_repeated_names(body: bytes) -> None:
    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            name, _ = Counter(names).most_common(1)[0]
            text = f"malformed result: {one_line(name, 60)!r} stands twice in one object"
            raise MalformedResult(text)

    try:
        text = body.decode("utf-8-sig", "replace")
        json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str)
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> MalformedResult:
    return MalformedResult("malformed result: it is nested too deeply")


class _RawExecution(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    execution_results: list[msgspec.Raw] | None = None


class _RawResult(msgspec.Struct, frozen=True, gc=False):
    result: _RawExecution | None = None


def raw_steps(body: bytes) -> list[str]:
    """Return each step of an answer as it stands there: JSON; nothing where it cannot be told."""
    try:
        result = _decode(body, _RawResult).result
    except MalformedResult:
        return []
    steps = result.execution_results if result else None
    return [bytes(step).decode("utf-8", "replace") for step in steps or ()]


def read_progress(body: bytes) -> Progress:
    """Read from an answer whether the run goes on; raises `MalformedResult` if it is no object."""
    return _decode(body, Progress)


Shape = TypeVar("Shape", bound=msgspec.Struct)


def _decode(body: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body, shape)


def _decode_leniently(body: bytes, shape: type[Shape]) -> Shape:
    """Read what a person still could: lone surrogates, stray bytes, a byte order mark, NaN."""
    try:
        text = body.decode("utf-8-sig", "replace")
        document = json.loads(text, parse_constant=_finite, parse_float=_finite)
        mended = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(mended, type=shape)
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        size = f"{len(body):,} bytes"
        raise MalformedResult(f"malformed result: not whole JSON ({size}): {error}") from None


def _finite(text: str) -> float:
    """Read a number; -1, which is no count and no percentage, for one that JSON cannot hold."""
    value = float(text)
    return value if math.isfinite(value) else -1.0


_COMPLAINT = re.compile(r"(?P<what>.+?)(?: - at `\$\.?(?P<path>.+)`)?")
_MISTYPED = re.compile(r"Expected `(.+)`, got `(.+)`")
_WORDS = {
    "array": "list",
    "bool": "true or false",
    "float": "number",
    "int": "number",
    "null": "nothing",
    "object": "object",
    "str": "text",
}


def _in_words(complaint: str) -> str:
    """Say the decoder's complaint in the words of a person who has never seen Python."""
    complained = _COMPLAINT.fullmatch(complaint)
    what, path = complained.group("what", "path") if complained else (complaint, None)
    if mistyped := _MISTYPED.fullmatch(what):
        expected, found = mistyped.groups()
        wanted = (_WORDS.get(name, name) for name in expected.split(" | ") if name != "null")
        what = f"expected {' or '.join(dict.fromkeys(wanted))}, found {_WORDS.get(found, found)}"
    return f"malformed result: {path or 'the answer'}: {what}"
