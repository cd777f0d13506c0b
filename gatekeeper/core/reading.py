"""Reading the platform's answers: as typed structures, or with what is wrong with them in words."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from gatekeeper.core.result import AnsweredSteps, Execution, Progress, Result
from gatekeeper.core.text import one_line
from gatekeeper.errors import MalformedResult


class _Started(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    test_run_id: Any = None


def read_started(body: bytes) -> str | None:
    """Read the id of a run from the answer to its start; `None` where there is none in it."""
    run_id = _decode(body, msgspec.json.Decoder(_Started).decode).test_run_id
    sound = isinstance(run_id, str) and re.fullmatch(r"[!-~]{1,200}", run_id)
    return run_id if sound else None


def read_result(body: bytes) -> Result:
    """Read an answer of the status endpoint whole.

    Raises `MalformedResult`, which names the path of a wrong type:
    `result.executionResults[3].status: expected text, found list`. A name that stands twice in an
    object is one too (in answers of up to 4 MB), as only one of its values would count.
    """
    result = _decode(body, _whole)
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


def read_progress(body: bytes) -> Progress:
    """Read from an answer whether the run goes on; raises `MalformedResult` if it is no object."""
    return _decode(body, msgspec.json.Decoder(Progress).decode)


class _Execution(Execution, frozen=True, gc=False):
    execution_results: list[msgspec.Raw] | None = None  # type: ignore[assignment] # see `_whole`


class _Result(Result, frozen=True, gc=False):
    result: _Execution | None = None


def _whole(body: bytes) -> Result:
    """Decode a result, and its steps one by one to see that they can be."""
    told = msgspec.json.decode(body, type=_Result)
    if told.result is None or told.result.execution_results is None:
        return told
    steps = AnsweredSteps(told.result.execution_results)
    _deeper(_HEADROOM, lambda: _try_out(steps))
    return replace(told, result=replace(told.result, execution_results=steps))


def _try_out(steps: AnsweredSteps) -> None:
    index = -1
    try:
        for index, _ in enumerate(steps):  # noqa: B007 - it is wanted where the next one fails
            pass
    except msgspec.ValidationError as error:
        where = f"result.executionResults[{index + 1}]"
        raise MalformedResult(_in_words(str(error), where)) from None


# Nesting is decoded as deep as the stack has room for, and reports are drawn further down in it.
_HEADROOM = 150


def _deeper(frames: int, call: Callable[[], None]) -> None:
    """Call something when the stack is so many frames deeper."""
    if frames:
        _deeper(frames - 1, call)
    else:
        call()


Value = TypeVar("Value")


def _decode(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise MalformedResult(_in_words(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body, decode)


def _decode_leniently(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    """Read what a person still could: lone surrogates, stray bytes, a byte order mark, NaN."""
    try:
        text = body.decode("utf-8-sig", "replace")
        document = json.loads(text, parse_constant=_finite, parse_float=_finite)
        mended = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return decode(mended)
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
