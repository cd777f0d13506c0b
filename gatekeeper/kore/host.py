"""The platform's base URL: only one to which a token can be sent without being intercepted."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

# Of ASCII, only letters, digits and `-._`; anything else is a value that was not expanded.
_HOST_NAME = re.compile(r"[^\s\x00-,/:-@\[-^`{-\x7f]+")
_NOT_A_HOST = "not a valid host; write it like bots.kore.ai"


def base_url(text: str) -> str:
    """Return the base URL of a host: `https`, or `http` on a loopback address.

    Raises `ValueError` for an invalid host, and for a URL that would expose the token.
    """
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        port = "" if url.port is None else f":{url.port}"
        name = url.hostname or ""
    except ValueError:
        # The library's message would repeat what may be a password.
        raise ValueError(_NOT_A_HOST) from None
    if url.username is not None or url.password is not None:
        raise ValueError("must not contain a user name or password; write it like bots.kore.ai")
    if ":" in name:
        ipaddress.ip_address(name)
        name = f"[{name}]"
    elif not _HOST_NAME.fullmatch(name) or not _has_valid_labels(name):
        raise ValueError(_NOT_A_HOST)
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError(f"must not have a path, query or fragment; write {name}{port}")
    if url.scheme not in ("https", "http"):
        raise ValueError(f"scheme {url.scheme!r} is not supported; write https://{name}{port}")
    if url.scheme == "http" and not is_loopback(name):
        raise ValueError(f"must be https, to keep the token secret; write https://{name}{port}")
    return f"{url.scheme}://{name}{port}"


def _has_valid_labels(name: str) -> bool:
    """Whether each label of a host name has a length that DNS allows."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
