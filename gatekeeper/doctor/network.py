"""The way to the host: name lookup, connection, proxy, TLS, and the first response."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from gatekeeper.core.text import one_line
from gatekeeper.doctor.finding import Finding, State, not_checked, ok
from gatekeeper.doctor.sockets import connect, is_address, lookup
from gatekeeper.errors import ApiError
from gatekeeper.kore.error_responses import RUN_NOT_FOUND, TOKEN_REFUSED, error_text
from gatekeeper.kore.local_faults import Proxy
from gatekeeper.kore.responses import ResponseReader, documented_cause, is_redirect
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.kore.transport_errors import NO_TLS

ENVIRONMENT, PROXY, NAME, CONNECTION = "environment", "proxy", "name", "connection"
TLS, RESPONSE = "tls", "response"
REQUEST_SECONDS = 30.0
_FEW_DAYS = 14
_DAY = 86400.0
_PORTS = {"https": 443, "http": 80}
_PROXY_HINT = "if this machine reaches the internet only through a proxy, set HTTPS_PROXY"

Checks = Generator[Finding, None, HttpResponse | None]
"""Yields findings, and returns the host's response if there was one."""


def check_network(transport: Transport, path: str, ca_bundle: Path | None) -> Checks:
    """Check the way to the host by a request for a path, without a token.

    A check that needs an earlier one that failed is not made.
    """
    has_tls = transport.host.startswith("https:")
    rest = [TLS, RESPONSE] if has_tls else [RESPONSE]
    try:
        proxy = transport.proxy
    except ApiError as error:
        yield Finding(ENVIRONMENT, State.FAILED, error.what, next_step=error.next_step)
        yield from _unchecked(rest, ENVIRONMENT)
        return None
    if has_tls and not proxy:
        yield ok(PROXY, "none is set for this host")
    for finding in _check_proxy(proxy) if proxy else _check_host(transport.host):
        yield finding
        if finding.state is State.FAILED:
            skipped = [CONNECTION, *rest] if finding.check == NAME else rest
            yield from _unchecked(skipped, finding.check)
            return None
    try:
        response = transport.send("GET", path, None, REQUEST_SECONDS, token=False)
    except (TransientError, ApiError) as error:
        yield from _failed_request(error, transport, proxy, rest)
        return None
    if proxy:
        yield ok(PROXY, f"{_named(proxy)} connects to the host")
    if has_tls:
        yield _certificate(transport, ca_bundle)
    yield _response(response, transport.host)
    return response


def _unchecked(checks: list[str], because: str) -> Iterator[Finding]:
    for check in checks:
        yield not_checked(check, f"the {because} check failed")


def _check_host(host: str) -> Iterator[Finding]:
    """Look the host's name up, and connect to it."""
    url = urlsplit(host)
    name, port = url.hostname or "", url.port or _PORTS[url.scheme]
    place = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    if not is_address(name):
        try:
            addresses = lookup(name, port)
        except OSError as error:
            yield Finding(NAME, State.FAILED, f"{name}: {_text(error)}", *_why_no_address(error))
            return
        more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        yield ok(NAME, f"{name} resolves to {addresses[0]}{more}")
    try:
        connect(name, port)
    except OSError as error:
        yield Finding(
            CONNECTION, State.FAILED, f"{place}: {_text(error)}", *_why_no_connection(error)
        )
        return
    yield ok(CONNECTION, f"{place} accepts connections")


def _check_proxy(proxy: Proxy) -> Iterator[Finding]:
    """Look the proxy's name up, and connect to it; yield only what is wrong.

    A proxy that accepts connections may still refuse to connect to the host.
    """
    url = urlsplit(f"//{proxy.address}")
    # As the HTTP library does, whatever the proxy's scheme is.
    name, port = url.hostname or "", url.port or proxy.default_port
    try:
        lookup(name, port)
        connect(name, port)
    except OSError as error:
        yield Finding(
            PROXY,
            State.FAILED,
            f"{_named(proxy)}: {_text(error)}",
            f"the proxy is down, or {proxy.variable} does not name the right one",
            f"check {proxy.variable}; for a host that needs no proxy, add it to NO_PROXY",
        )


def _named(proxy: Proxy) -> str:
    return f"{proxy.address} ({proxy.variable})"


def _failed_request(
    error: TransientError | ApiError, transport: Transport, proxy: Proxy | None, rest: list[str]
) -> Iterator[Finding]:
    """Yield the finding of a request without a response, for the part of the way that failed."""
    text = str(error)
    next_step = error.next_step if isinstance(error, ApiError) else ""
    # Before TLS begins, the proxy has to connect to the host.
    is_late = error.took_effect or text.startswith(NO_TLS)
    if proxy and not is_late:
        next_step = next_step or f"check {proxy.variable}, and whether the proxy allows the host"
        yield Finding(PROXY, State.FAILED, text, next_step=next_step)
        yield from _unchecked(rest, PROXY)
        return
    if proxy:
        yield ok(PROXY, f"{_named(proxy)} accepts connections")
    next_step = next_step or "run gatekeeper doctor again; if this repeats, check host and firewall"
    if TLS in rest and not error.took_effect:
        yield Finding(TLS, State.FAILED, text, next_step=next_step)
        yield from _unchecked([RESPONSE], TLS)
        return
    if TLS in rest:
        yield ok(TLS, f"{transport.host} has a trusted certificate")
    yield Finding(RESPONSE, State.FAILED, text, next_step=next_step)


def _certificate(transport: Transport, ca_bundle: Path | None) -> Finding:
    """Judge the certificate of a connection that TLS trusted."""
    import ssl

    certificate = transport.certificate
    issuer = dict(part for parts in certificate.get("issuer", ()) for part in parts)
    by = issuer.get("organizationName") or issuer.get("commonName") or "an unnamed CA"
    through = _trusted_through(ca_bundle)
    text = f"the certificate, issued by {one_line(by, 100)}, is trusted through {through}"
    try:
        days = (ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) / _DAY
    except (KeyError, ValueError):
        return ok(TLS, text)
    text = f"{text}, and expires in {days:.0f} day{'' if round(days) == 1 else 's'}"
    if days >= _FEW_DAYS:
        return ok(TLS, text)
    return Finding(
        TLS, State.UNKNOWN, text, next_step="have the certificate renewed in time", hint=True
    )


def _trusted_through(ca_bundle: Path | None) -> str:
    if ca_bundle:
        return f"ca-bundle ({one_line(str(ca_bundle))})"
    variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    return next((name for name in variables if os.environ.get(name)), "the public CAs")


def _response(response: HttpResponse, host: str) -> Finding:
    """Judge the response to a request without a token, which the platform refuses."""
    what = f"HTTP {response.status} {error_text(response.body)}".rstrip()
    if is_redirect(response):
        error = ResponseReader(host).error(response)
        next_step = error.next_step if isinstance(error, ApiError) else ""
        return Finding(RESPONSE, State.FAILED, str(error), next_step=next_step)
    if documented_cause(response) in TOKEN_REFUSED:
        return ok(RESPONSE, f"{host} refuses a request without a token, as the platform does")
    return Finding(
        RESPONSE,
        State.UNKNOWN,
        f"{what}, to a request without a token",
        "the platform is not known to respond like this: something else may respond in its place",
        "check host, and whether a proxy or firewall responds",
        hint=True,
    )


def why_no_proof(response: HttpResponse) -> str:
    """Return why no response shows that a token is right, given the one to a request without it."""
    if documented_cause(response) is not RUN_NOT_FOUND:
        return ""
    return "without a token, the host responds as if the token were right"


def _text(error: OSError) -> str:
    return one_line(error.strerror or str(error) or type(error).__name__)


def _why_no_address(error: OSError) -> tuple[str, str]:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        cause = "there is no such name, or this machine's DNS server does not know it"
    else:
        cause = "this machine's DNS server does not respond"
    return cause, f"check the spelling of host, and DNS; {_PROXY_HINT}"


def _why_no_connection(error: OSError) -> tuple[str, str]:
    if isinstance(error, ConnectionRefusedError):
        return (
            "nothing listens on this port, or a firewall refuses the connection",
            f"check host and its port; {_PROXY_HINT}",
        )
    return (
        "the host is down, or a firewall drops the connection",
        f"have the firewall let this job through; {_PROXY_HINT}",
    )
