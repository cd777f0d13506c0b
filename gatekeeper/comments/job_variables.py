"""What the platform passes to the job in variables: the base URL of its API, among others."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from gatekeeper.comments.api import CommentError
from gatekeeper.kore.host import base_url


def required(variable: str, environ: Mapping[str, str]) -> str:
    """Return a variable; raises `CommentError` if it is missing."""
    if text := environ.get(variable):
        return text
    raise CommentError(f"{variable} is not set", next_step="pass it to the container")


def api_url(variable: str, environ: Mapping[str, str]) -> str:
    """Return a URL without the slash at its end.

    Raises `CommentError` if it is missing or invalid, or would expose the token.
    """
    try:
        url = urlsplit(required(variable, environ))
        host = base_url(f"{url.scheme}://{url.netloc}")
    except ValueError as error:
        raise CommentError(f"{variable}: {error}") from None
    return f"{host}{url.path}".rstrip("/")
