"""Commenting on the pull or merge request: in a bounded time, and never part of the verdict."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable

from gatekeeper.commands.invocation import Invocation
from gatekeeper.comments.api import Comment, CommentApi, CommentError
from gatekeeper.comments.write import Draft, write_comment
from gatekeeper.console import Console
from gatekeeper.core.model import Gate
from gatekeeper.core.reports.comment import Marker, comment, comment_key, marker_in, pipeline_number
from gatekeeper.core.text import seconds
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode
from gatekeeper.platforms.base import Platform
from gatekeeper.settings.comment import Commenting
from gatekeeper.settings.reporting import Reporting
from gatekeeper.signals import Signals

# All of it, with retries and waiting for a rate limit.
_SECONDS = 20.0
# A job that is cancelled is killed a few seconds after the signal.
_SECONDS_AFTER_SIGNAL = 3.0
_LOOK_SECONDS = 0.05
_SPARE_SECONDS = 0.5


def publish_comment(
    gate: Gate,
    reporting: Reporting,
    console: Console,
    invocation: Invocation,
    summary: Callable[[int], str],
) -> None:
    """Comment on the gate, and log where the comment is or why there is none.

    An earlier comment of the gate is updated. `summary` renders the gate in at most that many
    bytes. Raises `CommentError` after a bounded time.
    """
    commenting, platform = reporting.comment, invocation.platform
    api = platform.comments()
    if isinstance(api, str):
        console.say(f"comment: none, because {api}")
        return
    token = _token(api, commenting, platform)
    key = comment_key(reporting.label, api.job, commenting.parts)
    may_create = commenting.may_create(green=gate.exit_code is ExitCode.PASSED)
    marker = Marker(key, pipeline_number(gate.pipeline.id))
    draft = Draft(marker, comment(marker, reporting.label, summary), may_create)

    def write(deadline: Deadline) -> Comment | None:
        return write_comment(draft, api, token, commenting.ca_bundle, deadline)

    if published := _bounded(write, invocation.signals):
        found = marker_in(published.body)
        is_later = found is not None and found.pipeline > marker.pipeline > 0
        note = " (not updated: it is of a later pipeline)" if is_later else ""
        console.say(f"comment: {published.url or f'on the {api.place}'}{note}")


def _token(api: CommentApi, commenting: Commenting, platform: Platform) -> str:
    """Return the token to comment with; raises `CommentError` if there is none that can be sent."""
    token = commenting.tokens.get(api.token_setting, "")
    if not token:
        what = f"{api.token_setting} is missing"
        raise CommentError(what, next_step=platform.why_no_secrets or api.without_token)
    if not (token.isascii() and token.isprintable()) or " " in token:
        what = f"{api.token_setting} has spaces or characters that no token has"
        raise CommentError(what, next_step=api.without_token)
    return token


def _bounded(write: Callable[[Deadline], Comment | None], signals: Signals) -> Comment | None:
    """Return what `write` returns, or raise what it raises or `CommentError` when time is up.

    It runs on another thread, because nothing else ends a request at a signal.
    """
    limit = _SECONDS if signals.received is None else _SECONDS_AFTER_SIGNAL
    interrupted_before = signals.received is not None
    outcome: queue.SimpleQueue[Comment | Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put(write(Deadline(limit)))
        except Exception as error:  # noqa: BLE001 - raised on the thread that waits for it
            outcome.put(error)

    threading.Thread(target=run, name="comment", daemon=True).start()
    deadline = Deadline(limit + _SPARE_SECONDS)
    while deadline.remaining:
        try:
            result = outcome.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            if signals.received is not None and not interrupted_before:
                name = signal.Signals(signals.received).name
                raise CommentError(f"interrupted by {name}, so it may not be up to date") from None
            continue
        if isinstance(result, Exception):
            raise result
        return result
    raise CommentError(f"not done within {seconds(limit)}, so it may not be up to date")
