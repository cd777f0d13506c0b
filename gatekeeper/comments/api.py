"""What differs between the platforms' REST APIs for comments: a subclass for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from gatekeeper.errors import GatekeeperError

Get = Callable[[str], bytes]
"""Gets a URL of the API and returns the body; raises `RequestRefused`, among others."""


class Comment(msgspec.Struct, frozen=True):
    """A comment; `url` leads a person to it."""

    id: int
    author: str
    body: str
    url: str


class CommentError(GatekeeperError):
    """Why there is no comment."""


class RequestRefused(CommentError):
    """A response with an error status that no retry clears."""

    def __init__(self, what: str, *, next_step: str, status: int) -> None:
        super().__init__(what, next_step=next_step)
        self.status = status


class CommentApi(ABC):
    """The comments of one pull or merge request. All URLs are on the host of `base`.

    `job` names the job among those that comment there. Items are what the API returns for a
    comment, read as `item_type`.
    """

    place: ClassVar[str]
    """What is commented on, in the platform's words."""
    token_setting: ClassVar[str]
    update_method: ClassVar[str]
    item_type: ClassVar[Any]
    list_type: ClassVar[Any]
    without_token: ClassVar[str]
    """What to do if there is no token."""

    def __init__(self, base: str, job: tuple[str, ...]) -> None:
        self.base = base
        self.job = job

    @property
    @abstractmethod
    def comments(self) -> str:
        """The URL to list comments, and to create one."""

    @abstractmethod
    def comment(self, comment_id: int) -> str:
        """Return the URL to update or delete a comment."""

    @abstractmethod
    def headers(self, token: str) -> Mapping[str, str]:
        """Return the headers of all requests."""

    @abstractmethod
    def read(self, item: Any) -> Comment:
        """Return the comment that an item describes."""

    @abstractmethod
    def author(self, get: Get) -> str:
        """Return the name that comments by this token have as their author."""

    @abstractmethod
    def advice(self, status: int) -> str:
        """Return the likely cause of an error status and what to do; empty if unknown."""
