"""One comment per gate: find the earlier one and update it, or create it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import msgspec

from gatekeeper.comments.api import Comment, CommentApi, CommentError, RequestRefused
from gatekeeper.comments.client import CommentClient
from gatekeeper.core.reports.comment import Marker, marker_in
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError
from gatekeeper.kore.retry import retrying

# A host that is down would otherwise delay every job.
_UNREACHED_SECONDS = 5.0


class Draft(msgspec.Struct, frozen=True):
    """What a gate's comment is to say. If not `may_create`, only an earlier one is updated."""

    marker: Marker
    body: str
    may_create: bool


def write_comment(
    draft: Draft, api: CommentApi, token: str, ca_bundle: Path | None, deadline: Deadline
) -> Comment | None:
    """Update this gate's comment or create it if that is allowed; return the comment, if any.

    That of a later pipeline stays as it is. Retries what may pass, until the deadline. Raises
    `CommentError`.
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
    similar = list(_own_comments(client, draft))
    if own := _of_this_gate(similar, draft):
        return _keep_lowest(client, own, draft)
    # Of several, none is surely this gate's.
    if len(similar) == 1:
        written = _updated(client, similar[0], draft)
    elif draft.may_create:
        written = client.create(draft.body)
    else:
        return None
    # Another gate may have done the same at the same time. Both then keep the same comment.
    own = _of_this_gate(_own_comments(client, draft), draft)
    # A list can be a little late.
    if written.id not in {comment.id for comment in own}:
        own.append(written)
    return _keep_lowest(client, own, draft)


def _of_this_gate(comments: Iterable[Comment], draft: Draft) -> list[Comment]:
    """Return the comments with exactly this gate's key."""
    return [
        comment
        for comment in comments
        if (found := marker_in(comment.body)) and found.key == draft.marker.key
    ]


def _own_comments(client: CommentClient, draft: Draft) -> Iterator[Comment]:
    """Yield the comments that may be of this gate: with its marker, and by this token's owner."""
    marked = (
        comment
        for comment in client.comments()
        if (found := marker_in(comment.body)) and found.key.may_be(draft.marker.key)
    )
    yield from (comment for comment in marked if comment.author == client.author)


def _keep_lowest(client: CommentClient, own: list[Comment], draft: Draft) -> Comment:
    """Update the oldest of a gate's comments and delete the others."""
    oldest, *others = sorted(own, key=lambda comment: comment.id)
    kept = _updated(client, oldest, draft)
    for other in others:
        # The other gate may have deleted it, or the token may not delete.
        with suppress(RequestRefused):
            client.delete(other.id)
    return kept


def _updated(client: CommentClient, comment: Comment, draft: Draft) -> Comment:
    """Update a comment, unless it is of a later pipeline or says the same already.

    Creates another one if somebody has deleted it in the meantime.
    """
    found = marker_in(comment.body)
    is_later = found is not None and found.pipeline > draft.marker.pipeline > 0
    if is_later or comment.body == draft.body:
        return comment
    try:
        return client.update(comment.id, draft.body)
    except RequestRefused as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise
        return client.create(draft.body)
