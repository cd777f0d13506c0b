"""Which trouble passes by itself, how long to wait for that, and when to give up.

`backoff` repeats; how long it waits, and until when, is decided here: its own limit goes by the
wall clock, which can be set in the middle of a wait, and knows nothing of `Retry-After`.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
import warnings
from collections.abc import Callable, Generator
from typing import Any, TypeVar

with warnings.catch_warnings():
    # The package asks asyncio what Python 3.14 wants it to ask inspect; it still works.
    warnings.filterwarnings("ignore", ".*iscoroutinefunction.*", DeprecationWarning)
    import backoff

from gatekeeper.core.text import seconds
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
# A try needs some time of its own, so none is made later than this before the deadline.
_LAST_TRY = 1.0
# A host that was never reached is more often misspelt than down.
UNREACHED_TIMEOUT = 120.0
_FOREVER = 1e9

Value = TypeVar("Value")


class TransientError(Exception):
    """Trouble that may pass by itself.

    `wait` is how long it asks to be left alone (seconds), if it does; `reached` tells whether the
    host was there, `took_effect` whether the request may have.
    """

    def __init__(
        self,
        what: str,
        *,
        wait: float | None = None,
        reached: bool = True,
        took_effect: bool = False,
    ) -> None:
        super().__init__(what)
        self.wait = wait
        self.reached = reached
        self.took_effect = took_effect


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, given as seconds or as a date.

    A date is held against the answer's own `Date` header, since clocks differ and can be set; where
    there is none, against this machine's. `None` for none, for nonsense, and for the past.
    """
    if not header:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), _FOREVER) or None
    until, now = _timestamp(text), _timestamp(date)
    if until is None:
        return None
    wait = until - (time.time() if now is None else now)
    return math.ceil(wait) if wait > 0 else None


def _timestamp(date: str | None) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def retrying(
    attempt: Callable[[], Value],
    deadline: Deadline,
    tell: Callable[[str], None],
    *,
    patience: float = math.inf,
) -> Value:
    """Make an attempt until it raises no `TransientError`, and return what it returns.

    Waits as long as the trouble asks for, else an exponentially growing, fully jittered time; tells
    of each wait. `patience` is how long (seconds) a host may stay out of reach. Raises `ApiError`
    when the time is over, or would be before the wait is.
    """
    start = deadline.elapsed
    tries = 0

    def hopeless(hiccup: Any) -> bool:
        lost = not hiccup.reached and deadline.elapsed - start >= patience
        return lost or max(hiccup.wait or 0.0, _LAST_TRY) >= deadline.remaining

    @backoff.on_exception(
        _waits,
        TransientError,
        deadline=deadline,
        jitter=None,
        giveup=hopeless,
        on_backoff=lambda details: tell(
            f"{details['exception']}; trying again in {seconds(max(1.0, details['wait']))}"
        ),
        logger=None,
    )
    def attempts() -> Value:
        nonlocal tries
        tries += 1
        return attempt()

    try:
        return attempts()
    except TransientError as hiccup:
        raise _given_up(hiccup, deadline, tries) from None


def _waits(deadline: Deadline) -> Generator[float, Any, None]:
    growing = backoff.expo(base=2, factor=_FIRST_WAIT, max_value=_LONGEST_WAIT)
    next(growing)
    hiccup = yield 0.0
    while True:
        grown = min(backoff.full_jitter(next(growing)), deadline.remaining - _LAST_TRY)
        hiccup = yield grown if hiccup.wait is None else hiccup.wait


def _given_up(hiccup: TransientError, deadline: Deadline, tries: int) -> ApiError:
    if hiccup.wait is not None and hiccup.wait >= deadline.remaining:
        return ApiError(
            f"{hiccup}; it asks to wait {seconds(hiccup.wait)}, but only "
            f"{seconds(deadline.remaining)} are left",
            next_step="raise timeout, or try again later",
        )
    advice = "see whether the platform is in trouble, and try again later"
    if not hiccup.reached:
        advice = "check host, and whether this job can reach it (proxy, firewall, DNS)"
    return ApiError(
        f"{hiccup}; given up after {seconds(deadline.elapsed)}",
        next_step=advice,
        cut_off=tries == 1 and deadline.remaining <= _LAST_TRY,
    )
