"""Retries of requests that fail with a transient error: how long to wait, and when to give up.

`backoff` repeats the attempts. How long it waits and when it gives up is decided here, because its
own time limit uses the wall clock, which can be set during a wait.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
import warnings
from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

with warnings.catch_warnings():
    # It calls a function of asyncio that Python 3.14 deprecates; the call still works.
    warnings.filterwarnings("ignore", ".*iscoroutinefunction.*", DeprecationWarning)
    import backoff

from gatekeeper.core.text import seconds
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
# An attempt takes time too, so the last one starts at least this long before the deadline.
_LAST_ATTEMPT = 1.0
# A host that was never reached is misspelt more often than it is down.
UNREACHED_TIMEOUT = 120.0
_LONGEST_RETRY_AFTER = 1e9

Value = TypeVar("Value")


class TransientError(Exception):
    """An error that a retry may clear; `retrying` handles it.

    `wait` is the time to wait before the retry, in seconds, if the response asks for one;
    `reached` says whether the host was reached, `took_effect` whether the request may have been
    carried out. `next_step` is the advice if no retry clears it.
    """

    def __init__(
        self,
        what: str,
        *,
        wait: float | None = None,
        reached: bool = True,
        took_effect: bool = False,
        next_step: str = "",
    ) -> None:
        super().__init__(what)
        self.wait = wait
        self.next_step = next_step
        self.reached = reached
        self.took_effect = took_effect


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, given as a number or as a date.

    A date is compared with the response's `Date` header, as clocks differ; without one, with this
    machine's clock. `None` for a header that is missing or invalid, or asks for no wait.
    """
    if not header:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), _LONGEST_RETRY_AFTER) or None
    until, now = timestamp(text), timestamp(date)
    if until is None:
        return None
    wait = until - (time.time() if now is None else now)
    return math.ceil(wait) if wait > 0 else None


def timestamp(date: str | None) -> float | None:
    """Return the seconds since 1970 of a date in a header; `None` if it is missing or invalid."""
    try:
        parsed = email.utils.parsedate_to_datetime(date or "")
        # A time zone of -0000 leaves the date without one: it is UTC.
        return parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def retrying(
    attempt: Callable[[], Value],
    deadline: Deadline,
    log: Callable[[str], None],
    *,
    unreached_timeout: float = math.inf,
) -> Value:
    """Call `attempt` until it raises no `TransientError`, and return what it returns.

    Waits as long as the error asks for, otherwise for an exponentially growing time with full
    jitter; logs each wait. Gives up on a host that is not reached for `unreached_timeout` seconds.
    Raises `ApiError` when the deadline has passed, or would pass during the wait.
    """
    start = deadline.elapsed
    attempts = 0
    growing = backoff.expo(base=2, factor=_FIRST_WAIT, max_value=_LONGEST_WAIT)
    next(growing)

    def wait_after(error: TransientError) -> float:
        grown = min(backoff.full_jitter(next(growing)), deadline.remaining - _LAST_ATTEMPT)
        return grown if error.wait is None else error.wait

    def gives_up(error: Any) -> bool:
        unreachable = not error.reached and deadline.elapsed - start >= unreached_timeout
        return unreachable or max(error.wait or 0.0, _LAST_ATTEMPT) >= deadline.remaining

    @backoff.on_exception(
        backoff.runtime,
        TransientError,
        value=wait_after,
        jitter=None,
        giveup=gives_up,
        on_backoff=lambda details: log(
            f"{details['exception']}; retrying in {seconds(max(1.0, details['wait']))}"
        ),
        logger=None,
    )
    def counted_attempt() -> Value:
        nonlocal attempts
        attempts += 1
        return attempt()

    try:
        return counted_attempt()
    except TransientError as error:
        raise _given_up(error, deadline, attempts) from None


def _given_up(error: TransientError, deadline: Deadline, attempts: int) -> ApiError:
    if error.wait is not None and error.wait >= deadline.remaining:
        return ApiError(
            f"{error}; the next attempt has to wait {seconds(error.wait)}, but only "
            f"{seconds(deadline.remaining)} are left",
            next_step="raise timeout, or start this job again later",
        )
    advice = "check whether the platform has an outage, and start this job again later"
    if not error.reached:
        advice = (
            "check host, and whether this job can reach it (proxy, firewall, DNS); to find out "
            "more, run gatekeeper doctor"
        )
    return ApiError(
        f"{error}; gave up after {seconds(deadline.elapsed)}",
        next_step=error.next_step or advice,
        cut_off=attempts == 1 and deadline.remaining <= _LAST_ATTEMPT,
    )
