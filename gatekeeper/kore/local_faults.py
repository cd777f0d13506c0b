"""Faults of this machine that no retry clears: what the environment says about TLS and proxies.

They are checked before the first request: `requests` reports most of them as lost connections, and
none with the name of the variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from requests.utils import prepend_scheme_if_needed, select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from gatekeeper.core.text import one_line
from gatekeeper.errors import ApiError, cause_of
from gatekeeper.kore.ca_bundle import ca_bundle_at

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("HTTPS_PROXY", "ALL_PROXY")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SOCKS_PORT = 1080
_EXAMPLE = "http://proxy.example:3128"
_PROXY_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.]+(?:%\w+)?\]")


class Proxy(msgspec.Struct, frozen=True):
    """The proxy of an https host: the variable that names it, and its address without a login.

    The address has no port if its URL has none; `default_port` is that of its scheme.
    """

    variable: str
    address: str
    default_port: int = 80


def check_tls_files(ca_bundle: object) -> None:
    """Check the files that TLS uses; raises `ApiError`.

    `ca_bundle` is what `requests` verifies certificates with: a path, or `True` for its own file.
    """
    # As in `urllib3`, which has OpenSSL append to the file.
    if key_log := os.path.expandvars(os.environ.get("SSLKEYLOGFILE", "")):
        try:
            with open(key_log, "ab"):  # noqa: PTH123 - a path of `pathlib` drops a final slash
                pass
        except (OSError, ValueError) as error:
            raise ApiError(
                f"SSLKEYLOGFILE: cannot write to {one_line(key_log)}: {cause_of(error)}",
                next_step="unset SSLKEYLOGFILE, or set it to a file that this job can write to",
            ) from None
    if isinstance(ca_bundle, str) and not Path(ca_bundle).is_dir():
        name = _variable(_CA_VARIABLES, ca_bundle) or "ca-bundle"
        try:
            ca_bundle_at(Path(ca_bundle))
        except ValueError as error:
            raise ApiError(
                f"{name}: {one_line(str(error))}",
                next_step=f"unset {name}, or set it to a file with the CA certificates to trust",
            ) from None


def proxy_of(url: str, proxies: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a URL, if there is one; raises `ApiError` if it is unusable."""
    value = select_proxy(url, dict(proxies))
    if not value:
        return None
    name = _variable(_PROXY_VARIABLES, value) or "the system's proxy setting"
    try:
        parsed = parse_url(prepend_scheme_if_needed(value, "http"))  # type: ignore[no-untyped-call]
    except LocationParseError:
        parsed = parse_url("")
    host, scheme = parsed.host or "", parsed.scheme or ""
    # No message repeats the value: it may contain a password.
    if not _PROXY_HOST.fullmatch(host):
        raise ApiError(
            f"{name} is not a valid proxy URL",
            next_step=f"write it like {_EXAMPLE}, with special characters of a password as %XX",
        )
    if scheme.startswith("socks"):
        _require_socks(name)
    elif scheme not in ("http", "https"):
        raise ApiError(
            f"{name}: a proxy with the scheme {one_line(scheme, 20)}:// is not supported",
            next_step=f"write it like {_EXAMPLE}",
        )
    port = _DEFAULT_PORTS.get(scheme, _SOCKS_PORT)
    return Proxy(name, f"{host}:{parsed.port}" if parsed.port else host, port)


def _require_socks(name: str) -> None:
    try:
        import urllib3.contrib.socks  # noqa: F401 - its import fails without the package
    except ImportError:
        raise ApiError(
            f"{name}: a SOCKS proxy needs the package PySocks, which is not installed",
            next_step=f"write the URL of an HTTP proxy, like {_EXAMPLE}, or install PySocks",
        ) from None


def _variable(names: tuple[str, ...], value: str) -> str | None:
    """Return the variable with one of these names, in any case, that has this value."""
    named = (name for name in os.environ if name.upper() in names)
    return next((name for name in named if os.environ[name] == value), None)
