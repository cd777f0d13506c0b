"""What a failed request means: the exceptions of `requests` as transient or permanent errors."""

from __future__ import annotations

import os
import re
from http import HTTPStatus

import requests

from gatekeeper.core.text import one_line
from gatekeeper.errors import ApiError
from gatekeeper.kore.error_responses import Cause, cause_of
from gatekeeper.kore.local_faults import Proxy
from gatekeeper.kore.reach import request_state
from gatekeeper.kore.retry import TransientError

# What versions of OpenSSL call the response of a server that does not speak TLS.
_NOT_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
# The variables of OpenSSL, which `requests` does not read.
_IGNORED_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_CHECK_CONNECTION = "check host, ca-bundle and the proxy"
NO_TLS = "cannot establish a secure connection"
PROXY_ERROR = "proxy error"

_REFUSAL = re.compile(r"Tunnel connection failed: (4\d\d)")
_REFUSED_BY_PROXY = Cause(
    "the proxy refuses to connect to this host",
    "have the proxy allow this host, or add it to NO_PROXY if it needs no proxy",
)
_PRIVATE_CA = Cause(
    "its CA is not trusted: it may be a private CA, or that of a proxy that inspects TLS, or the "
    "host may not send its intermediate certificates",
    "set ca-bundle to a file with the CA's certificates",
)
# Why OpenSSL does not trust a certificate, by its words in lower case.
_UNTRUSTED = (
    (r"self.signed|unable to get (?:local )?issuer", _PRIVATE_CA),
    (
        r"mismatch|doesn't match|not valid for",
        Cause("the certificate is for another host", "check host; ca-bundle does not help here"),
    ),
    (
        r"expired",
        Cause(
            "the host's certificate has expired, or this machine's clock is fast",
            "have the certificate renewed; ca-bundle does not help here",
        ),
    ),
    (
        r"not yet valid",
        Cause("this machine's clock is slow, or the certificate is new", "set the clock"),
    ),
)


def permanent_error(what: str, *, took_effect: bool) -> ApiError:
    """Return an error that no retry clears, of the connection or of what came over it."""
    return ApiError(what, next_step=_CHECK_CONNECTION, took_effect=took_effect)


def error_of(
    error: requests.RequestException, proxy: Proxy | None, ca_bundle: str = ""
) -> TransientError | ApiError:
    """Return the error that `requests` reports as a chain of exceptions.

    `proxy` is the one of the request, if it has one, and `ca_bundle` the file of the CAs that it
    trusts, if these are not the public ones.
    """
    cause = _root_cause(error)
    text = _text_of(cause)
    what, transient, took_effect = text, True, request_state.took_effect
    by_proxy = isinstance(error, requests.exceptions.ProxyError)
    tls_problem = getattr(cause, "reason", None)
    is_untrusted = tls_problem == "CERTIFICATE_VERIFY_FAILED"
    if tls_problem in _NOT_TLS and not took_effect:
        return _without_tls(text, proxy if by_proxy else None)
    if isinstance(error, requests.exceptions.SSLError):
        what = f"{NO_TLS}: {text}"
        transient = not is_untrusted
    elif by_proxy:
        what = f"{_proxy_error(proxy)}: {text}"
        transient = not is_untrusted and not _REFUSAL.search(text)
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        what = "cannot connect: timed out"
    elif isinstance(error, requests.exceptions.ReadTimeout):
        what = "no response in time"
    elif isinstance(error, requests.ConnectionError):
        what = f"connection lost: {text}" if took_effect else f"cannot connect: {text}"
    elif took_effect:
        what = f"truncated or corrupt response: {text}"
    else:
        transient = False
    if transient:
        return TransientError(what, reached=took_effect, took_effect=took_effect)
    if is_untrusted:
        return _untrusted(what, text, ca_bundle)
    return _refused_by_proxy(what, text) or permanent_error(what, took_effect=took_effect)


def _proxy_error(proxy: Proxy | None) -> str:
    return f"{PROXY_ERROR} ({proxy.variable})" if proxy else PROXY_ERROR


def _refused_by_proxy(what: str, text: str) -> ApiError | None:
    """Return the error of a proxy that does not connect to the host, if the text is of that."""
    refusal = _REFUSAL.search(text)
    if refusal is None:
        return None
    status = int(refusal[1])
    needs_login = status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    cause = cause_of(status, "") if needs_login else _REFUSED_BY_PROXY
    return ApiError(f"{what}: {cause.likely}", next_step=cause.next_step)


def _untrusted(what: str, text: str, ca_bundle: str) -> ApiError:
    """Return the error of a certificate that is not trusted, for the reason in OpenSSL's text."""
    lowered = text.lower()
    causes = (cause for pattern, cause in _UNTRUSTED if re.search(pattern, lowered))
    cause = next(causes, Cause("", _CHECK_CONNECTION))
    ignored = next((name for name in _IGNORED_VARIABLES if os.environ.get(name)), None)
    advice = cause.next_step
    if ca_bundle and cause is _PRIVATE_CA:
        advice = f"add that CA's certificate to {one_line(ca_bundle)}"
    elif ignored and cause is _PRIVATE_CA:
        advice = f"{advice}; {ignored} is not read"
    return ApiError(f"{what}: {cause.likely}" if cause.likely else what, next_step=advice)


def _without_tls(text: str, proxy: Proxy | None) -> ApiError:
    """Return the error of a host or proxy that responds to TLS with something else."""
    if proxy is None:
        what = f"{NO_TLS}: the host does not speak TLS: {text}"
        advice = "check host and its port: the token is sent over https only"
    else:
        what = f"{proxy.variable} begins with https://, but the proxy does not speak TLS: {text}"
        advice = f"write http:// instead in {proxy.variable}: http://{proxy.address}"
    return ApiError(what, next_step=advice)


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost exception in a chain."""
    innermost = error
    while True:
        reason = getattr(innermost, "reason", None)
        causes = [reason, *getattr(innermost, "args", ())]
        cause = next((cause for cause in causes if isinstance(cause, BaseException)), None)
        if cause is None:
            return innermost
        innermost = cause


def _text_of(cause: BaseException) -> str:
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    # urllib3 puts the connection's repr before the reason.
    return one_line(re.sub(r"^<?\w*(?:\.\w+)*Connection.*?[)>]: ", "", str(text)[:2000]), 300)
