"""The APIs for comments of GitHub and GitLab on loopback, as far as a gate uses them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from ssl import SSLContext
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from support.http_server import QuietHandler, http_server

TOKEN = "ghs_0123456789abcdefghijABCDEFGHIJ123456"
HEAD = "1" * 40
BOT = "github-actions[bot]"
PROJECT_BOT = "project_3_bot_5f3a"

Outcome: TypeAlias = tuple[int, Any, Mapping[str, str]]
"""Status, JSON body and headers of a response."""


@dataclass
class Answer:
    """A response in place of the API's own; it comes after `delay` seconds."""

    status: int
    body: Any = field(default_factory=lambda: {"message": "the message of the API"})
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: Message
    body: Any


@dataclass
class CommentServer:
    """A pull or merge request and its comments.

    `instead` maps a method to the responses that its next requests get in place of the API's own.
    `before` is called with each request before it is carried out. A page has `page` comments.
    """

    is_gitlab: bool = False
    page: int = 100
    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    before: Callable[[Request], None] = lambda _: None
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_id: int = 100

    @property
    def owner(self) -> str:
        """The owner of the token."""
        return PROJECT_BOT if self.is_gitlab else BOT

    def add(self, body: str, author: str = "") -> dict[str, Any]:
        """Add a comment, by the token's owner unless there is another author."""
        self.last_id += 1
        comment: dict[str, Any] = {"id": self.last_id, "body": body}
        if self.is_gitlab:
            comment |= {"author": {"username": author or self.owner}, "system": False}
        else:
            url = f"https://github.example/team/bot/pull/5#issuecomment-{self.last_id}"
            comment |= {"user": {"login": author or self.owner}, "html_url": url}
        self.comments.append(comment)
        return comment

    @property
    def methods(self) -> list[str]:
        """The methods of all requests so far."""
        return [request.method for request in self.requests]

    @property
    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [comment["body"] for comment in self.comments]

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a job about this pull or merge request, with its token."""
        return _gitlab(self.url) if self.is_gitlab else _github(self.url)

    def respond(self, request: Request) -> Outcome:
        """Carry a request out and return the response."""
        self.requests.append(request)
        self.before(request)
        if replacements := self.instead.get(request.method):
            answer = replacements.pop(0)
            time.sleep(answer.delay)
            return answer.status, answer.body, answer.headers
        with self.lock:
            return self._own(request)

    def _own(self, request: Request) -> Outcome:
        header, value = ("PRIVATE-TOKEN", TOKEN)
        if not self.is_gitlab:
            header, value = ("Authorization", f"Bearer {TOKEN}")
        if request.headers.get(header) != value:
            return 401, {"message": "Bad credentials"}, {}
        parts = urlsplit(request.path)
        collection, single = self._paths()
        if parts.path == collection:
            if request.method == "POST":
                return 201, self.add(request.body["body"]), {}
            return self._list(collection, parse_qs(parts.query))
        if parts.path.startswith(single):
            return self._change(request, int(parts.path.removeprefix(single)))
        if self.is_gitlab and parts.path == "/api/v4/user":
            return 200, {"username": self.owner}, {}
        # The token of a job on GitHub has no user.
        return 403, {"message": "Resource not accessible by integration"}, {}

    def _paths(self) -> tuple[str, str]:
        if self.is_gitlab:
            notes = "/api/v4/projects/3/merge_requests/5/notes"
            return notes, f"{notes}/"
        issues = "/api/v3/repos/team/bot/issues"
        return f"{issues}/5/comments", f"{issues}/comments/"

    def _list(self, path: str, query: dict[str, list[str]]) -> Outcome:
        number = int(query.get("page", ["1"])[0])
        end = number * self.page
        found = self.comments[end - self.page : end]
        if end >= len(self.comments):
            return 200, found, {}
        links = [f'<{self.url}{path}?page=1>; rel="first"']
        links.append(f'<{self.url}{path}?page={number + 1}>; rel="next"')
        return 200, found, {"Link": ", ".join(links)}

    def _change(self, request: Request, number: int) -> Outcome:
        comment = next((one for one in self.comments if one["id"] == number), None)
        if comment is None:
            return 404, {"message": "Not Found"}, {}
        if request.method == "DELETE":
            self.comments.remove(comment)
            return 204, None, {}
        assert request.method == ("PUT" if self.is_gitlab else "PATCH")
        comment["body"] = request.body["body"]
        return 200, comment, {}


def _github(url: str) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION": "gate",
        "GITHUB_API_URL": f"{url}/api/v3",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": "event.json",
        "GITHUB_JOB": "conversations",
        "GITHUB_REPOSITORY": "team/bot",
        "GITHUB_WORKFLOW": "Tests",
        "GATEKEEPER_COMMENT": "always",
        "INPUT_GITHUB-TOKEN": TOKEN,
    }


def _gitlab(url: str) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_COMMIT_SHA": HEAD,
        "CI_JOB_NAME": "conversations",
        "CI_MERGE_REQUEST_IID": "5",
        "CI_MERGE_REQUEST_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example/team/bot",
        "GATEKEEPER_COMMENT": "always",
        "GATEKEEPER_GITLAB_TOKEN": TOKEN,
    }


def write_event(folder: Path, *, fork: bool = False) -> None:
    """Write the event file of the pull request."""
    head = {"sha": HEAD, "repo": {"full_name": "someone/bot" if fork else "team/bot"}}
    base = {"repo": {"full_name": "team/bot"}}
    event = {"pull_request": {"number": 5, "head": head, "base": base}}
    (folder / "event.json").write_text(json.dumps(event), encoding="utf-8")


@contextmanager
def comment_server(
    *, gitlab: bool = False, page: int = 100, tls: SSLContext | None = None
) -> Iterator[CommentServer]:
    """Serve the API of a platform, with so many comments on a page."""
    server = CommentServer(gitlab, page)

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet.
        wbufsize = -1

        def respond(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            sent = json.loads(self.rfile.read(size)) if size else None
            request = Request(self.command, self.path, self.headers, sent)
            status, value, headers = server.respond(request)
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            body = b"" if value is None else body
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815 - as the server wants them

    with http_server(Handler, tls) as url:
        server.url = url
        yield server
