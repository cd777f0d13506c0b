"""Comments on a pull request, in the REST API of GitHub or GitHub Enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from gatekeeper.comments.api import Comment, CommentApi, Get, RequestRefused

# The owner of the token that each job has; that token cannot ask for its owner.
_OF_THE_JOBS_TOKEN = "github-actions[bot]"  # noqa: S105 - a name
_PERMISSION = "give the job the permission pull-requests: write"
_ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the token was rejected: set github-token to the job's github.token",
    HTTPStatus.FORBIDDEN: f"the token may not comment: {_PERMISSION}",
    HTTPStatus.NOT_FOUND: (
        f"the token cannot see the repository, or the pull request is gone: {_PERMISSION}"
    ),
    HTTPStatus.GONE: "the server no longer has this API: check GITHUB_API_URL",
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "the server did not accept the comment's text: read the reports instead"
    ),
}


class _User(msgspec.Struct):
    login: str


class _Item(msgspec.Struct):
    id: int
    user: _User | None = None
    body: str | None = None
    html_url: str = ""


class GitHubComments(CommentApi):
    """The comments of a pull request, which the API has as those of an issue.

    `why_read_only` says why the job's token cannot write, if the platform is known to withhold it.
    """

    place = "pull request"
    token_setting = "github-token"  # noqa: S105 - a name
    update_method = "PATCH"
    item_type = _Item
    list_type = list[_Item]
    without_token = f"set the input github-token to the job's github.token, and {_PERMISSION}"

    def __init__(
        self, base: str, repository: str, number: int, job: tuple[str, ...], why_read_only: str
    ) -> None:
        super().__init__(base, job)
        self._issues = f"{base}/repos/{repository}/issues"
        self._number = number
        self._why_read_only = why_read_only

    @property
    def comments(self) -> str:
        """The URL to list comments, and to create one."""
        return f"{self._issues}/{self._number}/comments"

    def comment(self, comment_id: int) -> str:
        """Return the URL to update or delete a comment."""
        return f"{self._issues}/comments/{comment_id}"

    def headers(self, token: str) -> Mapping[str, str]:
        """Return the headers of all requests."""
        return {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {token}"}

    def read(self, item: Any) -> Comment:
        """Return the comment that an item describes."""
        author = item.user.login if item.user else ""
        return Comment(item.id, author, item.body or "", item.html_url)

    def author(self, get: Get) -> str:
        """Return the login of the token's owner, or of the job's token if that is unknown."""
        try:
            return msgspec.json.decode(get(f"{self.base}/user"), type=_User).login
        except (RequestRefused, msgspec.MsgspecError):
            return _OF_THE_JOBS_TOKEN

    def advice(self, status: int) -> str:
        """Return the likely cause of an error status and what to do; empty if unknown."""
        if self._why_read_only and status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            return self._why_read_only
        return _ADVICE.get(status, "")
