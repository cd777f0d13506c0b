"""Reading the platform's responses: as typed structures, or an error that says what is wrong."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from gatekeeper.core.answer.shape import LazySteps, Progress, Result, Step, number
from gatekeeper.core.answer.soundness import (
    UnsoundJson,
    kept_colons,
    refuse_deep,
    refuse_repeated_names,
    refuse_repeated_names_around,
    unique_names,
)
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.record import Record
from gatekeeper.errors import MalformedResult

Value = TypeVar("Value")


class _Started(Record, rename="camel"):
    test_run_id: Any = None


def read_started(body: bytes) -> str | None:
    """Read the id of a run from the response to its start; `None` if it has no usable one.

    An id that occurs twice is not usable.
    """
    run_id = _decode(body, msgspec.json.Decoder(_Started).decode).test_run_id
    is_usable = isinstance(run_id, str) and re.fullmatch(r"[!-~]{1,200}", run_id)
    try:
        refuse_repeated_names(body)
    except UnsoundJson:
        return None
    return run_id if is_usable else None


def mentions_run(body: bytes) -> bool:
    """Whether a response names a run anywhere, even by an id that is not usable."""
    return re.search(rb'"testRunId"\s*:\s*(?!null|"")\S', body) is not None


class Announced(Record):
    """What a response about a run in progress says that its result is compared with.

    The number of steps and of failed ones, the run it is about, and its errors; 0 and `None` for
    what is missing.
    """

    steps: int = 0
    failed: int = 0
    test_run_id: Any = None
    errors: Any = None


def read_announced(body: bytes) -> Announced:
    """Read what a response announces; raises `MalformedResult` if it is not an object."""
    document = _decode(body, msgspec.json.Decoder(dict[str, Any]).decode)
    inner = _object(document.get("result"))
    details = _object(inner.get("stepDetails"))
    results = inner.get("executionResults")
    steps = results if isinstance(results, list) else []
    failed = sum(state_of(_object(step).get("status")) is State.FAILED for step in steps)
    return Announced(
        max(_count(document.get("totalTestStepsCount")), _count(details.get("total")), len(steps)),
        max(_count(details.get("failed")), failed),
        document.get("_id"),
        document.get("errors") or inner.get("errorDetails"),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    """Return a count, even one given as text; 0 for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return max(0, int(number(value) or 0))


def read_progress(body: bytes) -> Progress:
    """Read how far a run is; raises `MalformedResult` if the response is not an object."""
    return _decode(body, msgspec.json.Decoder(Progress).decode)


def read_result(body: bytes) -> Result:
    """Read all of a response of the status endpoint.

    Raises `MalformedResult`, which names the path of a wrong type:
    `result.executionResults[3].status: expected text, found list`. An object with a name twice is
    malformed too, as one of its values would be ignored.
    """
    return _decode(body, _whole)


_Other: TypeAlias = dict[str, Any] | str | int | float | bool | None
# Lists in an object of the response stay undecoded, as the steps are nearly all of it.
_DOCUMENT = msgspec.json.Decoder(
    dict[
        str,
        dict[str, list[msgspec.Raw] | _Other] | list[Any] | str | int | float | bool | None,
    ]
)
_ANYTHING = msgspec.json.Decoder()


def _whole(body: bytes) -> Result:
    """Decode a result, and check its steps one by one."""
    document = _plain(_DOCUMENT, body, Result)
    raw: list[msgspec.Raw] = []
    for field, inner in document.items():
        if not isinstance(inner, dict):
            continue
        for name, value in inner.items():
            if not isinstance(value, list):
                continue
            if (field, name) == ("result", "executionResults"):
                inner[name], raw = [], value
            else:
                inner[name] = [*map(_ANYTHING.decode, value)]
    result = _with_other_counts(msgspec.convert(document, Result), document)
    kept = kept_colons(document) + _checked_steps(raw)
    refuse_repeated_names_around(body, raw, kept)
    if result.result is None or result.result.execution_results is None:
        return result
    return replace(result, result=replace(result.result, execution_results=LazySteps(raw)))


def _with_other_counts(result: Result, document: dict[str, Any]) -> Result:
    """Add the platform's counters that are not declared, whatever their names."""
    if result.result is None or result.result.step_details is None:
        return result
    counts = document["result"]["stepDetails"].items()
    others = {name: value for name, value in counts if name not in ("passed", "failed", "total")}
    details = replace(result.result.step_details, others=others)
    return replace(result, result=replace(result.result, step_details=details))


def _checked_steps(steps: list[msgspec.Raw]) -> int:
    """Check that each step can be decoded, and count their colons."""
    kept = 0
    for index, raw in enumerate(steps):
        try:
            step = _plain(_ANYTHING, raw, Step)
            msgspec.convert(step, Step)
        except msgspec.ValidationError as error:
            place = f"result.executionResults[{index}]"
            raise MalformedResult(_in_words(str(error), place)) from None
        kept += kept_colons(step)
    return kept


def _plain(decoder: msgspec.json.Decoder[Value], body: bytes | msgspec.Raw, kind: type) -> Value:
    """Decode everything; a number out of range is an error only if `kind` declares its field."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        msgspec.json.decode(body, type=kind)
        raise msgspec.DecodeError("a number out of range") from None


def _decode(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    try:
        refuse_deep(body)
        return decode(body)
    except UnsoundJson as error:
        raise MalformedResult(f"malformed response: {error}") from None
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_leniently(body, decode)


def _decode_leniently(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    """Read what can still be read: lone surrogates, stray bytes, a byte order mark, NaN."""
    try:
        text = body.decode("utf-8-sig", "replace")
        document = json.loads(
            text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=unique_names
        )
        repaired = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return decode(repaired)
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except UnsoundJson as error:
        raise MalformedResult(f"malformed response: {error}") from None
    except ValueError as error:
        size = f"{len(body):,} bytes"
        raise MalformedResult(f"malformed response: not complete JSON ({size}): {error}") from None


def _finite(text: str) -> float:
    """Read a number; -1, neither a count nor a percentage, for one that JSON cannot represent."""
    value = float(text)
    return value if math.isfinite(value) else -1.0


_LONGEST_COMPLAINT = 1_000  # characters; the patterns take time with the square of them
_COMPLAINT = re.compile(r"(?P<what>.+?)(?: - at `\$\.?(?P<path>.+)`)?")
_MISTYPED = re.compile(r"Expected `(.+)`, got `(.+)`")
_WORDS = {
    "array": "list",
    "bool": "true or false",
    "float": "number",
    "int": "number",
    "null": "nothing",
    "str": "text",
}


def _in_words(complaint: str, place: str = "") -> str:
    """Return the decoder's complaint in words that do not take knowledge of Python.

    `place` is the part of the response that was decoded, if it was not all of it.
    """
    complaint = complaint[:_LONGEST_COMPLAINT]
    match = _COMPLAINT.fullmatch(complaint)
    what, path = match.group("what", "path") if match else (complaint, None)
    if mistyped := _MISTYPED.fullmatch(what):
        expected, actual = mistyped.groups()
        types = (_WORDS.get(name, name) for name in expected.split(" | ") if name != "null")
        what = f"expected {' or '.join(dict.fromkeys(types))}, found {_WORDS.get(actual, actual)}"
    path = ".".join(filter(None, (place, path)))
    return ": ".join(filter(None, ("malformed response", path, what)))
