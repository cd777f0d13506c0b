"""Where the platform is: a base URL that a token can be sent to without being read on the way."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST_NAME = re.compile(r"[^\s/?#@\\:\[\]%]+")


def base_url(text: str) -> str:
    """Return the base URL of a host: `https`, unless it is on this very machine.

    Raises `ValueError` for what is no host, or would give the token away.
    """
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        port = "" if url.port is None else f":{url.port}"
        name = url.hostname or ""
    except ValueError:
        # Its own words would repeat what may be a password.
        raise ValueError("it is neither a URL nor a host; write it as bots.kore.ai") from None
    if url.username is not None or url.password is not None:
        raise ValueError("leave user and password out of it")
    if ":" in name:
        ipaddress.ip_address(name)
        name = f"[{name}]"
    elif not _HOST_NAME.fullmatch(name) or not _can_be_looked_up(name):
        raise ValueError("it is neither a URL nor a host; write it as bots.kore.ai")
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError(f"it has something behind the host; write only {name}{port}")
    if url.scheme not in ("https", "http"):
        raise ValueError(f"{url.scheme!r} is no scheme for it; write https://{name}{port}")
    if url.scheme == "http" and not is_loopback(name):
        raise ValueError(f"only https keeps the token secret; write https://{name}{port}")
    return f"{url.scheme}://{name}{port}"


def _can_be_looked_up(name: str) -> bool:
    """Whether a name's labels have the lengths that DNS allows, none of them empty."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host name means this very machine."""
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
