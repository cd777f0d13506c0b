"""One request and its whole answer, bounded in time and size, over a session of `requests`."""

from __future__ import annotations

import queue
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from gatekeeper import __version__
from gatekeeper.core.text import one_line, seconds
from gatekeeper.kore.host import is_loopback
from gatekeeper.kore.reach import TrackingAdapter, request_state
from gatekeeper.kore.threads import Workers
from gatekeeper.kore.token import Credentials
from gatekeeper.redaction import Redactor

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
_SHORTEST_SECONDS = 0.05  # `requests` refuses to wait for no time at all
# `requests` bounds each read, not the answer: a server that drips would never end.
WHOLE_SECONDS = 120.0
MAX_ANSWER_BYTES = 256 * 1024 * 1024
_IN_MEMORY_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


class HttpResponse(msgspec.Struct, frozen=True):
    """An HTTP answer, whole: header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No whole answer: in words, whether another try could help, whether it took effect."""

    def __init__(self, what: str, *, passing: bool, took_effect: bool) -> None:
        super().__init__(what)
        self.passing = passing
        self.took_effect = took_effect


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a `.netrc` from adding a login of its own."""
    return request


# A new thread for each request takes as much time as the request itself.
_WORKERS = Workers()


class Transport:
    """A session with one host. It follows no redirect, so the token never leaves for another."""

    def __init__(
        self,
        host: str,
        credentials: Credentials,
        language: str,
        ca_bundle: Path | None,
        redactor: Redactor,
    ) -> None:
        self.host = host
        self._credentials = credentials
        self._redactor = redactor
        self._session = requests.Session()
        self._session.auth = _no_auth
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, TrackingAdapter())
        self._session.headers["User-Agent"] = f"gatekeeper/{__version__}"
        self._session.headers["bot-language"] = language
        name = urlsplit(host).hostname or ""
        # A proxy cannot reach what listens on this machine only.
        proxies = {"no_proxy": name} if is_loopback(name) else {}
        verify = str(ca_bundle) if ca_bundle else True
        # What is the same for every request is made once: it is half of what one costs.
        self._around = self._session.merge_environment_settings(
            host, proxies, stream=True, verify=verify, cert=None
        )

    def send(
        self, method: str, path: str, body: Any, time_left: float, *, token: bool = True
    ) -> HttpResponse:
        """Send one request, with a token unless told otherwise, and return its whole answer.

        Raises `TransportError`, also when there is no whole answer within `time_left` seconds. The
        request runs on another thread, because looking up a name, endless headers and a
        dripping body know no time limit of theirs; one that is given up is left to end by itself.
        """
        limit = min(WHOLE_SECONDS, time_left)
        outcome: queue.SimpleQueue[HttpResponse | TransportError] = queue.SimpleQueue()

        def exchange() -> None:
            request_state.start_anew()
            try:
                outcome.put(self._exchange(method, path, body, limit, token=token))
            except requests.RequestException as error:
                outcome.put(_translated(error, self._redactor.with_token(request_state.token)))
            except TransportError as error:
                outcome.put(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the waiting side must hear
                text = self._redactor.text(one_line(str(error), 300))
                what = f"{type(error).__name__}: {text}"
                outcome.put(
                    TransportError(what, passing=False, took_effect=request_state.took_effect)
                )

        _WORKERS.run(exchange)
        try:
            answer = outcome.get(timeout=limit)
        except queue.Empty:
            what = f"no whole answer within {seconds(limit)}"
            raise TransportError(what, passing=True, took_effect=True) from None
        if isinstance(answer, TransportError):
            raise answer
        return answer

    def _exchange(
        self, method: str, path: str, body: Any, limit: float, *, token: bool
    ) -> HttpResponse:
        request = self._prepared(method, path, body)
        if token:
            request_state.token = request.headers["auth"] = self._credentials.token()
        # A little less than the whole, so that it is told which of them ran out.
        soon = max(0.9 * limit, _SHORTEST_SECONDS)
        timeout = (min(CONNECT_SECONDS, soon), min(READ_SECONDS, soon))
        with self._session.send(
            request, timeout=timeout, allow_redirects=False, **self._around
        ) as response:
            # A server may send back what it was sent.
            redactor = self._redactor.with_token(request_state.token)
            headers = {name.lower(): redactor.text(v) for name, v in response.headers.items()}
            content = redactor.body(_read_body(response))
            if not response.ok:
                content = redactor.text(content.decode("utf-8", "replace")).encode()
            return HttpResponse(response.status_code, headers, content)

    @cached_property
    def _bare(self) -> requests.PreparedRequest:
        """A request to copy; raises `requests.RequestException` for a host that can be none."""
        return self._session.prepare_request(requests.Request("GET", self.host))

    def _prepared(self, method: str, path: str, body: Any) -> requests.PreparedRequest:
        request = self._bare.copy()
        request.method = method
        # `requests` would unquote dots, and a name of two dots be a step up in the path.
        request.url = f"{self.host}{path}"
        if body is not None:
            request.prepare_body(None, None, json=body)
        if self._session.cookies:
            request.prepare_cookies(self._session.cookies)
        return request


def _read_body(response: requests.Response) -> bytes:
    """Read a body, as far as it is not too large; a large one waits on disk until it is whole."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_ANSWER_BYTES:
        raise _too_large()
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
        for chunk in response.iter_content(_CHUNK_BYTES):
            spool.write(chunk)
            if spool.tell() > MAX_ANSWER_BYTES:
                raise _too_large()
        spool.seek(0)
        return spool.read()


def _too_large() -> TransportError:
    what = f"the answer is larger than {MAX_ANSWER_BYTES // 1024**2} MB"
    return TransportError(what, passing=False, took_effect=True)


def _translated(error: requests.RequestException, redactor: Redactor) -> TransportError:
    """Say in words what `requests` says in layers of exceptions."""
    text = redactor.text(_innermost(error))
    what, passing, took_effect = text, True, request_state.took_effect
    if isinstance(error, requests.exceptions.SSLError):
        what = f"no secure connection: {text}"
        passing = not any(lasting in text for lasting in _LASTING_TLS)
    elif isinstance(error, requests.exceptions.ProxyError):
        what = f"the proxy failed: {text}"
        passing = "Tunnel connection failed: 4" not in text
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        what = "no connection: it timed out"
    elif isinstance(error, requests.exceptions.ReadTimeout):
        what = "no answer in time"
    elif isinstance(error, requests.ConnectionError):
        what = f"the connection broke: {text}" if took_effect else f"no connection: {text}"
    elif took_effect:
        what = f"the answer was cut or garbled: {text}"
    else:
        passing = False
    return TransportError(what, passing=passing, took_effect=took_effect)


_LASTING_TLS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")


def _innermost(error: BaseException) -> str:
    """Return the text of what is at the bottom of an exception's layers."""
    bottom: Any = error
    while True:
        reason = getattr(bottom, "reason", None)
        layers = [reason, *getattr(bottom, "args", ())]
        below = next((layer for layer in layers if isinstance(layer, BaseException)), None)
        if below is None:
            break
        bottom = below
    told = getattr(bottom, "strerror", None) or str(bottom) or type(bottom).__name__
    # urllib3 puts the connection's repr before the reason.
    return one_line(re.sub(r"^<?\w*(?:\.\w+)*Connection.*?[)>]: ", "", str(told)), 300)
