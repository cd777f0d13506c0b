"""Reading the platform's answers: as typed structures, or with what is wrong with them in words."""

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
    """Read the id of a run from the answer to its start; `None` where there is none in it.

    An id that stands twice is none.
    """
    run_id = _decode(body, msgspec.json.Decoder(_Started).decode).test_run_id
    sound = isinstance(run_id, str) and re.fullmatch(r"[!-~]{1,200}", run_id)
    try:
        refuse_repeated_names(body)
    except UnsoundJson:
        return None
    return run_id if sound else None


def mentions_run(body: bytes) -> bool:
    """Whether an answer names a run somewhere, be it by an id that cannot be used."""
    return re.search(rb'"testRunId"\s*:\s*(?!null|"")\S', body) is not None


class Announced(Record):
    """What an answer about a run in progress says that its end is held to.

    How many steps there are, how many have failed, which run it is about, and what it says is
    wrong; 0 and `None` where it does not say.
    """

    steps: int = 0
    failed: int = 0
    test_run_id: Any = None
    errors: Any = None


def read_announced(body: bytes) -> Announced:
    """Read what an answer announces; raises `MalformedResult` if it is no object."""
    document = _decode(body, msgspec.json.Decoder(dict[str, Any]).decode)
    inner = _object(document.get("result"))
    details = _object(inner.get("stepDetails"))
    listed = inner.get("executionResults")
    steps = listed if isinstance(listed, list) else []
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
    """Return a count, also one that is given as a text; 0 for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return max(0, int(number(value) or 0))


def read_progress(body: bytes) -> Progress:
    """Read from an answer whether the run goes on; raises `MalformedResult` if it is no object."""
    return _decode(body, msgspec.json.Decoder(Progress).decode)


def read_result(body: bytes) -> Result:
    """Read an answer of the status endpoint whole.

    Raises `MalformedResult`, which names the path of a wrong type:
    `result.executionResults[3].status: expected text, found list`. A name that stands twice in an
    object is one too, as only one of its values would count.
    """
    return _decode(body, _whole)


_Other: TypeAlias = dict[str, Any] | str | int | float | bool | None
# Lists in an object of the answer stay as they stand in it, for the steps are nearly all of it.
_DOCUMENT = msgspec.json.Decoder(
    dict[
        str,
        dict[str, list[msgspec.Raw] | _Other] | list[Any] | str | int | float | bool | None,
    ]
)
_ANYTHING = msgspec.json.Decoder()


def _whole(body: bytes) -> Result:
    """Decode a result, and its steps one by one to see that they can be."""
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
    kept = kept_colons(document) + _tried_out(raw)
    refuse_repeated_names_around(body, raw, kept)
    if result.result is None or result.result.execution_results is None:
        return result
    return replace(result, result=replace(result.result, execution_results=LazySteps(raw)))


def _with_other_counts(result: Result, document: dict[str, Any]) -> Result:
    """Add to the platform's counters those that nobody declared, whatever they are called."""
    if result.result is None or result.result.step_details is None:
        return result
    counts = document["result"]["stepDetails"].items()
    others = {name: value for name, value in counts if name not in ("passed", "failed", "total")}
    details = replace(result.result.step_details, others=others)
    return replace(result, result=replace(result.result, step_details=details))


def _tried_out(steps: list[msgspec.Raw]) -> int:
    """See that each step is one, and count their colons."""
    kept = 0
    for index, raw in enumerate(steps):
        try:
            step = _plain(_ANYTHING, raw, Step)
            msgspec.convert(step, Step)
        except msgspec.ValidationError as error:
            where = f"result.executionResults[{index}]"
            raise MalformedResult(_in_words(str(error), where)) from None
        kept += kept_colons(step)
    return kept


def _plain(decoder: msgspec.json.Decoder[Value], body: bytes | msgspec.Raw, kind: type) -> Value:
    """Decode with everything in it; a number that no float holds counts only if `kind` has it."""
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
        raise MalformedResult(f"malformed result: {error}") from None
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_leniently(body, decode)


def _decode_leniently(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    """Read what a person still could: lone surrogates, stray bytes, a byte order mark, NaN."""
    try:
        text = body.decode("utf-8-sig", "replace")
        document = json.loads(
            text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=unique_names
        )
        mended = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return decode(mended)
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except UnsoundJson as error:
        raise MalformedResult(f"malformed result: {error}") from None
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


def _in_words(complaint: str, where: str = "") -> str:
    """Say the decoder's complaint in the words of a person who has never seen Python.

    `where` is what of the answer was decoded, if it was not all of it.
    """
    complained = _COMPLAINT.fullmatch(complaint)
    what, path = complained.group("what", "path") if complained else (complaint, None)
    if mistyped := _MISTYPED.fullmatch(what):
        expected, found = mistyped.groups()
        wanted = (_WORDS.get(name, name) for name in expected.split(" | ") if name != "null")
        what = f"expected {' or '.join(dict.fromkeys(wanted))}, found {_WORDS.get(found, found)}"
    place = ".".join(filter(None, (where, path))) or "the answer"
    return f"malformed result: {place}: {what}"
