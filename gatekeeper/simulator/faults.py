"""Scripted faults: which request gets which faulty response."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Literal, get_args

from gatekeeper.simulator.refusals import REFUSALS

Call = Literal["start", "status"]
Drop = Literal["before", "middle", "reset"]

# The fields of a fault in a JSON script, with their types.
_TYPES: dict[str, Any] = {
    "call": str,
    "at": int,
    "count": int | None,
    "status": int | None,
    "refusal": str | None,
    "headers": dict,
    "body": object,
    "delay": int | float,
    "drop": str | None,
    "content_length": int | None,
    "effect": bool | None,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The response to send, and how to send it.

    `delay` is in seconds. `drop` closes the connection: "before" anything is sent, in the
    "middle" of the body, or with a TCP "reset". `content_length` replaces the body's length in
    the header.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: Drop | None = None
    content_length: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that applies to `count` requests of a call, from the `at`-th (from 1) on.

    A `count` of `None` means all that follow. Fields that are not given keep the value of the
    correct response; a `status` without a `body` gets an error body, and `refusal`, the name of one
    of `REFUSALS`, stands for status and body. `body` is sent as it is, text as UTF-8. `drop`,
    `delay` (seconds) and `content_length` are those of `Reply`. `effect` says whether the call is
    carried out nevertheless; by default it is, unless the response is replaced.

    Raises `ValueError` for invalid values.
    """

    call: Call
    at: int = 1
    count: int | None = 1
    status: int | None = None
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    delay: float = 0.0
    drop: Drop | None = None
    content_length: int | None = None
    effect: bool | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for invalid values."""
        if self.call not in get_args(Call):
            raise ValueError(f"a fault's call must be one of {', '.join(get_args(Call))}")
        if self.drop is not None and self.drop not in get_args(Drop):
            raise ValueError(f"a fault's drop must be one of {', '.join(get_args(Drop))}")
        if self.refusal is not None and self.refusal not in REFUSALS:
            raise ValueError(f"a fault's refusal must be one of {', '.join(REFUSALS)}")
        if self.at < 1 or (self.count is not None and self.count < 1):
            raise ValueError("a fault's at and count must be 1 or more")
        if not 0 <= self.delay < math.inf:
            raise ValueError("a fault's delay must be a number of seconds, 0 or more")

    @classmethod
    def from_json(cls, data: Any) -> Fault:
        """Return the fault of a decoded JSON object; a `body` other than text is sent as JSON.

        Raises `ValueError` for anything but an object with fields of this class.
        """
        if not isinstance(data, dict) or "call" not in data or not data.keys() <= _TYPES.keys():
            raise ValueError(f"a fault must be an object with call, and any of {[*_TYPES][1:]}")
        for name, value in data.items():
            if not isinstance(value, _TYPES[name]):
                raise ValueError(f"a fault's {name} has the wrong type")  # noqa: TRY004 - one error for all
        if not isinstance(data.get("body"), str | None):
            data = {**data, "body": json.dumps(data["body"])}
        if "headers" in data:
            headers = {name: str(value) for name, value in data["headers"].items()}
            data = {**data, "headers": headers}
        return cls(**data)

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out although its response is faulty."""
        if self.effect is not None:
            return self.effect
        return self.status is None and self.body is None and self.refusal is None

    def applies_to(self, number: int) -> bool:
        """Whether the fault applies to the request of this number (from 1)."""
        return number >= self.at and (self.count is None or number < self.at + self.count)

    def apply(self, reply: Reply | None) -> Reply:
        """Return the faulty reply; `reply` is `None` if the call was not carried out."""
        base = reply or Reply(HTTPStatus.OK.value, b"")
        if self.refusal is not None:
            refusal = REFUSALS[self.refusal]()
            base = replace(base, status=refusal.status, body=json.dumps(refusal.body).encode())
        body = base.body
        if self.body is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
        elif self.status is not None:
            body = _error_body(self.status)
        status = base.status
        if self.status is not None:
            status = self.status
        elif self.body is not None and self.refusal is None:
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
        raise ValueError("a script of faults must be a JSON list")  # noqa: TRY004 - one error for all
    return tuple(Fault.from_json(data) for data in script)


class FaultScript:
    """Counts the requests of each call to find the fault that applies to the current one."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._counts: Counter[str] = Counter()

    def next(self, call: str) -> Fault | None:
        """Count a request of this call; return the first fault that applies to it, if any."""
        self._counts[call] += 1
        number = self._counts[call]
        return next(
            (fault for fault in self._faults if fault.call == call and fault.applies_to(number)),
            None,
        )


def _error_body(status: int) -> bytes:
    try:
        message = HTTPStatus(status).phrase
    except ValueError:
        message = f"HTTP {status}"
    return json.dumps({"errors": [{"msg": message, "code": status}]}).encode()
