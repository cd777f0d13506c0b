"""Requests to the API of comments: the token stays with one host, and all of it ends in time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
from requests.utils import parse_header_links

from gatekeeper.comments.api import Comment, CommentApi, CommentError, RequestRefused
from gatekeeper.core.text import as_text, one_line
from gatekeeper.deadline import Deadline
from gatekeeper.kore.retry import TransientError, retry_after
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.redaction import Redactor

# One request that hangs leaves time for a retry.
_REQUEST_SECONDS = 8.0
_REDIRECTS = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)
_MOST_REDIRECTS = 3
_PER_PAGE = 100
_MOST_PAGES = 50
# What GitHub asks for if a response does not say how long to wait.
_LIMIT_SECONDS = 60.0


class CommentClient:
    """Lists, creates, updates and deletes comments, until the deadline.

    Each call raises `TransientError` if a retry may help; otherwise `ApiError` or `CommentError`.
    `responded` says whether the host has ever sent a response.
    """

    def __init__(
        self,
        api: CommentApi,
        token: str,
        ca_bundle: Path | None,
        deadline: Deadline,
    ) -> None:
        self.api = api
        parts = urlsplit(api.base)
        self.host = f"{parts.scheme}://{parts.netloc}"
        # Every log masks the token from the start, as it is a setting.
        redactor = Redactor(())
        self._transport = Transport(self.host, None, api.headers(token), ca_bundle, redactor)
        self._deadline = deadline
        self._author = ""
        self.responded = False

    @property
    def author(self) -> str:
        """The author of this client's comments."""
        if not self._author:
            try:
                self._author = self.api.author(lambda url: self._send("GET", url).body)
            except msgspec.MsgspecError as error:
                what = f"the owner of {self.api.token_setting} is unknown: {error}"
                raise CommentError(what) from None
        return self._author

    def comments(self) -> Iterator[Comment]:
        """Yield all comments, page by page."""
        url = f"{self.api.comments}?per_page={_PER_PAGE}&sort=asc"
        for _ in range(_MOST_PAGES):
            response = self._send("GET", url)
            yield from map(self.api.read, _decoded(response, self.api.list_type))
            following = _next_page(response)
            if not following:
                return
            url = _resolved(url, following)
        raise CommentError(f"the {self.api.place} has more than {_MOST_PAGES} pages of comments")

    def create(self, body: str) -> Comment:
        """Create a comment, which tells who its author is."""
        created = self._written("POST", self.api.comments, body)
        self._author = created.author
        return created

    def update(self, comment_id: int, body: str) -> Comment:
        """Replace the text of a comment."""
        return self._written(self.api.update_method, self.api.comment(comment_id), body)

    def delete(self, comment_id: int) -> None:
        """Delete a comment."""
        self._send("DELETE", self.api.comment(comment_id))

    def _written(self, method: str, url: str, body: str) -> Comment:
        return self.api.read(_decoded(self._send(method, url, {"body": body}), self.api.item_type))

    def _send(self, method: str, url: str, body: Mapping[str, str] | None = None) -> HttpResponse:
        """Send a request and return the response if it reports success."""
        for _ in range(_MOST_REDIRECTS + 1):
            path = self._path(url)
            time_left = min(_REQUEST_SECONDS, self._deadline.remaining)
            response = self._transport.send(method, path, body, time_left)
            self.responded = True
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or not location:
                break
            url = _resolved(url, location)
        if response.status in range(200, 300):
            return response
        raise self._error(response)

    def _path(self, url: str) -> str:
        """Return a URL without the host; raises `CommentError` if that is another one."""
        if _origin(url) != _origin(self.host):
            raise CommentError(
                f"{self.host} refers to another host, {one_line(url)}",
                next_step="the token is not sent there: check the URL of the API",
            )
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _error(self, response: HttpResponse) -> TransientError | RequestRefused:
        status = response.status
        text = _message(response.body)
        what = f"HTTP {status} {text}".rstrip()
        wait = _limit_wait(response, text)
        if wait is not None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return TransientError(what, wait=wait)
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT):
            return TransientError(what)
        return RequestRefused(what, next_step=self.api.advice(status), status=status)


def _resolved(base: str, reference: str) -> str:
    """Return the URL that a response refers to, also if it is not a valid one."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", None, None)
    return parts.scheme, parts.hostname, port


def _next_page(response: HttpResponse) -> str:
    links = parse_header_links(response.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), "")


def _decoded(response: HttpResponse, of: Any) -> Any:
    try:
        return msgspec.json.decode(response.body, type=of)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        what = f"HTTP {response.status}, but the response is not one of this API"
        raise CommentError(what, next_step="check the URL of the API, and the proxy") from None


def _limit_wait(response: HttpResponse, text: str) -> float | None:
    """Return how long a response asks to wait, in seconds; `None` if it does not."""
    header = response.headers.get
    date = header("date")
    if wait := retry_after(header("retry-after"), date):
        return wait
    if response.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return None
    reset = header("x-ratelimit-reset", "")
    if header("x-ratelimit-remaining") == "0" and re.fullmatch(r"[0-9]{1,10}", reset):
        return retry_after(formatdate(int(reset), usegmt=True), date)
    return _LIMIT_SECONDS if "rate limit" in text.lower() else None


def _message(body: bytes) -> str:
    """Return what an error response says, in one line."""
    try:
        document: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # A page of a proxy would say little in one line.
        return ""
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors")
    found = [document.get("message") or document.get("error")]
    found += errors if isinstance(errors, list) else []
    texts = [item.get("message", item) if isinstance(item, dict) else item for item in found]
    return one_line("; ".join(as_text(text) for text in texts if text), 300)
