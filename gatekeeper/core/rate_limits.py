"""The platform's rate limits: how long a request has to wait for them.

The platform documents 60 requests in any minute and 1,800 in any hour, for each run, and the same
for the starts of an app.
"""

from __future__ import annotations

from collections.abc import Sequence

MINUTE, MINUTE_LIMIT = 60.0, 60
HOUR, HOUR_LIMIT = 3600.0, 1800
# A few less are used, as requests can arrive closer together than they were sent.
MINUTE_BUDGET = MINUTE_LIMIT - 3
HOUR_BUDGET = HOUR_LIMIT - 50

_BUDGETS = ((MINUTE_BUDGET, MINUTE), (HOUR_BUDGET, HOUR))


def limit_wait(sent: Sequence[float], now: float) -> float:
    """Return how many seconds to delay the next request; 0.0 if it may be sent now.

    `sent` lists when the requests so far were sent, failed ones included, in ascending order and in
    seconds on the clock of `now`. Callers that obey send at most 57 requests in any 60 s and 1,750
    in any 3,600 s.
    """
    wait = 0.0
    for budget, span in _BUDGETS:
        if len(sent) >= budget:
            wait = max(wait, sent[-budget] + span - now)
    return wait
