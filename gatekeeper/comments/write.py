"""One comment per gate: find the earlier one and update it, or create it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import msgspec

from gatekeeper.comments.api import Comment, CommentApi, CommentError, RequestRefused
from gatekeeper.comments.client import CommentClient
from gatekeeper.core.reports.comment import CommentKey, key_in
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError
from gatekeeper.kore.retry import retrying

# A host that is down would otherwise delay every job.
_UNREACHED_SECONDS = 5.0


class Draft(msgspec.Struct, frozen=True):
    """What a gate's comment is to say. If not `may_create`, only an earlier one is updated."""

    key: CommentKey
    body: str
    may_create: bool


def write_comment(
    draft: Draft, api: CommentApi, token: str, ca_bundle: Path | None, deadline: Deadline
) -> Comment | None:
    """Update this gate's comment or create it if that is allowed; return the comment, if any.

    Retries what may pass, until the deadline. Raises `CommentError`.
    """
    client = CommentClient(api, token, ca_bundle, deadline)
    try:
        # Each attempt begins anew, so that nothing is created twice.
        return retrying(
            lambda: _upsert(client, draft),
            deadline,
            lambda _: None,
            unreached_timeout=_UNREACHED_SECONDS,
        )
    except ApiError as error:
        # The bundle may be meant for the host of the suites alone.
        if ca_bundle and "CERTIFICATE_VERIFY_FAILED" in error.what:
            return write_comment(draft, api, token, None, deadline)
        advice = f"check that the job can reach {client.host} (proxy, firewall, ca-bundle)"
        if client.responded:
            advice = "the next gate of this job updates the comment"
        raise CommentError(error.what, next_step=advice) from None


def _upsert(client: CommentClient, draft: Draft) -> Comment | None:
    key, body = draft.key, draft.body
    similar = list(_own_comments(client, key))
    own = [comment for comment in similar if key_in(comment.body) == key]
    if own:
        return _keep_lowest(client, own, body)
    # Of several, none is surely this gate's.
    if len(similar) == 1:
        written = _updated(client, similar[0], body)
    elif draft.may_create:
        written = client.create(body)
    else:
        return None
    # Another gate may have done the same at the same time. Both then keep the same comment.
    now = {comment.id: comment for comment in _own_comments(client, key)}
    exact = [comment for comment in now.values() if key_in(comment.body) == key]
    if written.id not in now:
        # A list can be a little late.
        exact.append(written)
    return _keep_lowest(client, exact, body)


def _own_comments(client: CommentClient, key: CommentKey) -> Iterator[Comment]:
    """Yield the comments that may be of this gate: with its marker, and by this token's owner."""
    marked = (
        comment
        for comment in client.comments()
        if (found := key_in(comment.body)) and found.may_be(key)
    )
    yield from (comment for comment in marked if comment.author == client.author)


def _keep_lowest(client: CommentClient, own: list[Comment], body: str) -> Comment:
    """Update the oldest of a gate's comments and delete the others."""
    oldest, *others = sorted(own, key=lambda comment: comment.id)
    kept = oldest if oldest.body == body else _updated(client, oldest, body)
    for other in others:
        # The other gate may have deleted it, or the token may not delete.
        with suppress(RequestRefused):
            client.delete(other.id)
    return kept


def _updated(client: CommentClient, comment: Comment, body: str) -> Comment:
    """Update a comment, or create another one if somebody has deleted it in the meantime."""
    try:
        return client.update(comment.id, body)
    except RequestRefused as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise
        return client.create(body)
