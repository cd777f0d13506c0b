"""Notes on a merge request, in the REST API of GitLab."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec

from gatekeeper.comments.api import Comment, CommentApi, Get

# Not a token, but the words for one.
_TOKEN = "a project access token with the scope api and the role Reporter or higher"  # noqa: S105
_ADVICE: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "the server did not accept the note's text: read the reports instead",
    HTTPStatus.UNAUTHORIZED: (
        f"the token was rejected or has expired: set gitlab-token to {_TOKEN}"
    ),
    HTTPStatus.FORBIDDEN: f"the token may not comment: set gitlab-token to {_TOKEN}",
    HTTPStatus.NOT_FOUND: (
        "the token cannot see the project, or the merge request is gone: set gitlab-token to "
        f"{_TOKEN}, of the project that has the merge request"
    ),
    HTTPStatus.GONE: "the server no longer has this API: check CI_API_V4_URL",
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "the server did not accept the note's text: read the reports instead"
    ),
}


class _User(msgspec.Struct):
    username: str


class _Item(msgspec.Struct):
    id: int
    author: _User | None = None
    body: str | None = None


class GitLabNotes(CommentApi):
    """The notes of a merge request, given by the id or path of its project and its number.

    `page` is the page of the merge request, if it is known.
    """

    place = "merge request"
    token_setting = "gitlab-token"  # noqa: S105 - a name
    update_method = "PUT"
    item_type = _Item
    list_type = list[_Item]
    without_token = (
        f"set the variable GATEKEEPER_GITLAB_TOKEN, masked, to {_TOKEN}; the job's own token "
        "cannot write notes"
    )

    def __init__(
        self, base: str, project: str, number: str, job: tuple[str, ...], page: str
    ) -> None:
        super().__init__(base, job)
        project, number = quote(project, safe=""), quote(number, safe="")
        self._notes = f"{base}/projects/{project}/merge_requests/{number}/notes"
        self._page = page

    @property
    def comments(self) -> str:
        """The URL to list notes, and to create one."""
        return self._notes

    def comment(self, comment_id: int) -> str:
        """Return the URL to update or delete a note."""
        return f"{self._notes}/{comment_id}"

    def headers(self, token: str) -> Mapping[str, str]:
        """Return the headers of all requests."""
        return {"Accept": "application/json", "PRIVATE-TOKEN": token}

    def read(self, item: Any) -> Comment:
        """Return the note that an item describes."""
        author = item.author.username if item.author else ""
        url = f"{self._page}#note_{item.id}" if self._page else ""
        return Comment(item.id, author, item.body or "", url)

    def author(self, get: Get) -> str:
        """Return the user name of the token's owner: a project's token has a bot user."""
        return msgspec.json.decode(get(f"{self.base}/user"), type=_User).username

    def advice(self, status: int) -> str:
        """Return the likely cause of an error status and what to do; empty if unknown."""
        return _ADVICE.get(status, "")
