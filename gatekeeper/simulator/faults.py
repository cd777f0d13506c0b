"""Trouble by a script: on which call what goes wrong instead of the answer."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Literal, get_args

Call = Literal["start", "status"]
Drop = Literal["before", "middle", "reset"]

# What a script in JSON can say, by the fields of a fault.
_TYPES: dict[str, Any] = {
    "call": str,
    "at": int,
    "count": int | None,
    "status": int | None,
    "headers": dict,
    "body": object,
    "delay": int | float,
    "drop": str | None,
    "content_length": int | None,
    "effect": bool | None,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire, and how.

    `delay` is in seconds. `drop` closes the connection: "before" anything is sent, in the
    "middle" of the body, or by a TCP "reset". `content_length` is what the header says in place
    of the body's length.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: Drop | None = None
    content_length: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, on the requests of a call from the `at`-th on (from 1).

    `count` is how many requests it meets, `None` for all that follow. What is not given stays as
    it is in the right answer; a `status` without a `body` gets an error body of its own. `body` is
    sent as it is, text as UTF-8. `drop`, `delay` (seconds) and `content_length` are those of
    `Reply`. `effect` says whether the call is carried out all the same: left open, it is,
    unless a status or a body stands in for the answer.

    Raises `ValueError` for what cannot be meant.
    """

    call: Call
    at: int = 1
    count: int | None = 1
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    delay: float = 0.0
    drop: Drop | None = None
    content_length: int | None = None
    effect: bool | None = None

    def __post_init__(self) -> None:
        """Check what a typing error in a script would break first."""
        if self.call not in get_args(Call):
            raise ValueError(f"a fault's call must be one of {', '.join(get_args(Call))}")
        if self.drop is not None and self.drop not in get_args(Drop):
            raise ValueError(f"a fault's drop must be one of {', '.join(get_args(Drop))}")
        if self.at < 1 or (self.count is not None and self.count < 1):
            raise ValueError("a fault's at and count begin at 1")
        if not 0 <= self.delay < math.inf:
            raise ValueError("a fault's delay must be a number of seconds, 0 or more")

    @classmethod
    def from_json(cls, data: Any) -> Fault:
        """Read a fault from decoded JSON; a `body` other than text is sent as JSON.

        Raises `ValueError` for anything but an object of this class's fields.
        """
        if not isinstance(data, dict) or "call" not in data or not data.keys() <= _TYPES.keys():
            raise ValueError(f"a fault must be an object with call, and some of {[*_TYPES][1:]}")
        for name, value in data.items():
            if not isinstance(value, _TYPES[name]):
                raise ValueError(f"a fault's {name} is of a wrong type")  # noqa: TRY004 - one error for all
        if not isinstance(data.get("body"), str | None):
            data = {**data, "body": json.dumps(data["body"])}
        if "headers" in data:
            headers = {name: str(value) for name, value in data["headers"].items()}
            data = {**data, "headers": headers}
        return cls(**data)

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out although its answer is not the right one."""
        if self.effect is not None:
            return self.effect
        return self.status is None and self.body is None

    def applies_to(self, occurrence: int) -> bool:
        """Whether the fault is for the request of this number (from 1)."""
        return occurrence >= self.at and (self.count is None or occurrence < self.at + self.count)

    def apply(self, answer: Reply | None) -> Reply:
        """Return what is sent instead of the answer; `None` where the call was not carried out."""
        base = answer or Reply(HTTPStatus.OK.value, b"")
        body = base.body
        if self.body is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
        elif self.status is not None:
            body = _error_body(self.status)
        status = base.status
        if self.status is not None:
            status = self.status
        elif self.body is not None:
            status = HTTPStatus.OK.value
        return replace(
            base,
            status=status,
            body=body,
            headers={**base.headers, **self.headers},
            delay=self.delay,
            drop=self.drop,
            content_length=self.content_length,
        )


def read_faults(text: str) -> tuple[Fault, ...]:
    """Read a script of faults: a JSON list of objects with the fields of `Fault`.

    Raises `ValueError`.
    """
    script = json.loads(text)
    if not isinstance(script, list):
        raise ValueError("a script of faults must be a list")  # noqa: TRY004 - one error for all
    return tuple(Fault.from_json(data) for data in script)


class FaultScript:
    """Counts the requests of each call, and tells which fault meets the one at hand."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._occurrences: Counter[str] = Counter()

    def next(self, call: str) -> Fault | None:
        """Count one request of this call; return the first fault that is for it, if any."""
        self._occurrences[call] += 1
        occurrence = self._occurrences[call]
        return next(
            (
                fault
                for fault in self._faults
                if fault.call == call and fault.applies_to(occurrence)
            ),
            None,
        )


def _error_body(status: int) -> bytes:
    try:
        message = HTTPStatus(status).phrase
    except ValueError:
        message = f"HTTP {status}"
    return json.dumps({"errors": [{"msg": message, "code": status}]}).encode()
