"""One request and its complete response, bounded in time and size, over a `requests` session."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.utils import prepend_scheme_if_needed, select_proxy
from urllib3.exceptions import LocationParseError

from gatekeeper import __version__
from gatekeeper.core.text import one_line, seconds
from gatekeeper.errors import ApiError
from gatekeeper.kore.decompression import ACCEPTED, decompressed
from gatekeeper.kore.host import is_loopback
from gatekeeper.kore.local_faults import Proxy, check_tls_files, proxy_of
from gatekeeper.kore.reach import TrackingAdapter, request_state
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.threads import Workers
from gatekeeper.kore.token import Credentials
from gatekeeper.kore.token_claims import TokenClaims, read_claims
from gatekeeper.kore.transport_errors import error_of, permanent_error
from gatekeeper.redaction import Redactor

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
_SHORTEST_SECONDS = 0.05  # `requests` refuses a timeout of zero
# The timeout of `requests` is for each read, so a server that drips would never time out.
RESPONSE_SECONDS = 120.0
MAX_RESPONSE_BYTES = 256 * 1024 * 1024
_IN_MEMORY_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024

_WORKERS = Workers()


class HttpResponse(msgspec.Struct, frozen=True):
    """A complete HTTP response; header names are in lower case.

    `claims` are those of the token that was sent, if there was one that can be read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    claims: TokenClaims | None = None


class Transport:
    """A session with one host. It follows no redirect, so the token stays with that host.

    All requests have the `headers`; the token is a new one of the `credentials`, if there are any.

    Responses and errors are as the server sent them: whoever shows them masks what is shown.
    """

    def __init__(
        self,
        host: str,
        credentials: Credentials | None,
        headers: Mapping[str, str],
        ca_bundle: Path | None,
        redactor: Redactor,
    ) -> None:
        self.host = host
        self._credentials = credentials
        self._redactor = redactor
        self._session = requests.Session()
        self._session.auth = _no_auth
        self._adapter = TrackingAdapter()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)
        self._session.headers["User-Agent"] = f"gatekeeper/{__version__}"
        self._session.headers["Accept-Encoding"] = ACCEPTED
        self._session.headers.update(headers)
        name = urlsplit(host).hostname or ""
        # A proxy cannot reach a server that listens on this machine only.
        proxies = {"no_proxy": name} if is_loopback(name) else {}
        verify = str(ca_bundle) if ca_bundle else True
        # Made once, with `_template`: preparing each request anew doubles what it costs.
        self._send_options = self._session.merge_environment_settings(
            host, proxies, stream=True, verify=verify, cert=None
        )
        self._refuse_login_that_cannot_be_sent()

    def send(
        self, method: str, path: str, body: Any, time_left: float, *, token: bool = True
    ) -> HttpResponse:
        """Send one request, with a token unless `token` is false; return the complete response.

        Raises `TransientError` or `ApiError`, at the latest after `time_left` seconds. The request
        runs on another thread, because DNS lookups, endless headers and dripping bodies have no
        timeout of their own; one that times out is abandoned.
        """
        start = time.monotonic()
        auth, claims = self._token(time_left) if token else ("", None)
        left = time_left - (time.monotonic() - start)
        timeout = max(min(RESPONSE_SECONDS, left), _SHORTEST_SECONDS)
        outcome: queue.SimpleQueue[HttpResponse | TransientError | ApiError] = queue.SimpleQueue()

        def exchange() -> None:
            request_state.reset()
            try:
                outcome.put(self._exchange(method, path, body, timeout, auth))
            except requests.RequestException as error:
                outcome.put(error_of(error, self.proxy, self._ca_bundle))
            except ApiError as error:
                outcome.put(error)
            except Exception as error:  # noqa: BLE001 - without an outcome, the caller would wait on
                what = f"{type(error).__name__}: {one_line(str(error), 300)}"
                outcome.put(permanent_error(what, took_effect=request_state.took_effect))

        _WORKERS.run(exchange)
        try:
            response = outcome.get(timeout=timeout)
        except queue.Empty:
            what = f"no complete response within {seconds(timeout)}"
            raise TransientError(what, took_effect=True) from None
        if not isinstance(response, HttpResponse):
            raise response
        return msgspec.structs.replace(response, claims=claims)

    def _token(self, time_left: float) -> tuple[str, TokenClaims | None]:
        """Return the token of a request, and the claims that it was signed with if known.

        Both are empty without credentials.
        """
        if not self._credentials:
            return "", None
        made: list[str] = []

        def note(token: str) -> None:
            # A server may echo what it is sent.
            self._redactor.remember(token)
            made.append(token)

        token = self._credentials.token(note, time_left)
        return token, read_claims(made[0])

    def _exchange(
        self, method: str, path: str, body: Any, timeout: float, auth: str
    ) -> HttpResponse:
        # Raises for a fault of this machine, before anything else.
        _ = self.proxy
        request = self._prepared(method, path, body)
        if auth:
            request.headers["auth"] = auth
        # Shorter than the timeout of the caller, so that the error says which of them expired.
        shorter = max(0.9 * timeout, _SHORTEST_SECONDS)
        timeouts = (min(CONNECT_SECONDS, shorter), min(READ_SECONDS, shorter))
        with self._session.send(
            request, timeout=timeouts, allow_redirects=False, **self._send_options
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpResponse(response.status_code, headers, _read_body(response))

    def _refuse_login_that_cannot_be_sent(self) -> None:
        """Raise `ApiError` if the proxy's login has characters that its header cannot hold."""
        proxy = select_proxy(self.host, self._send_options["proxies"])
        try:
            if proxy:
                url = prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]
                TrackingAdapter().proxy_headers(url)
        except UnicodeError:
            raise ApiError(
                "the proxy's user name or password cannot be sent: it has characters that are not "
                "Latin-1",
                next_step="percent-encode the login in HTTPS_PROXY, in UTF-8: ü is %C3%BC",
            ) from None
        except (requests.RequestException, LocationParseError, ValueError):
            # Sending a request fails with the cause.
            return

    @property
    def _ca_bundle(self) -> str:
        """The file of the CAs that are trusted; empty for the public ones."""
        verify = self._send_options["verify"]
        return verify if isinstance(verify, str) else ""

    @property
    def certificate(self) -> Mapping[str, Any]:
        """The host's certificate, as `ssl` decodes it; empty before the first TLS connection."""
        return self._adapter.certificate

    @cached_property
    def proxy(self) -> Proxy | None:
        """The proxy, if there is one; raises `ApiError` if it or a file for TLS is unusable."""
        if not self.host.startswith("https:"):
            return None
        check_tls_files(self._send_options["verify"])
        return proxy_of(self.host, self._send_options["proxies"])

    @cached_property
    def _template(self) -> requests.PreparedRequest:
        """A request to copy; raises `requests.RequestException` if the host is invalid."""
        return self._session.prepare_request(requests.Request("GET", self.host))

    def _prepared(self, method: str, path: str, body: Any) -> requests.PreparedRequest:
        request = self._template.copy()
        request.method = method
        # `requests` would unquote dots, so that a suite named ".." would change the path.
        request.url = f"{self.host}{path}"
        if body is not None:
            request.prepare_body(None, None, json=body)
        if self._session.cookies:
            request.prepare_cookies(self._session.cookies)
        return request


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep `requests` from adding a login from `.netrc`."""
    return request


def _read_body(response: requests.Response) -> bytes:
    """Read a body up to the size limit; a large one is on disk until it is complete."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_RESPONSE_BYTES:
        raise _too_large()
    # Without this header, `urllib3` leaves the body as it was sent.
    encoding = response.raw.headers.pop("Content-Encoding", "")
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
        try:
            for piece in decompressed(response.iter_content(_CHUNK_BYTES), encoding):
                spool.write(piece)
                if spool.tell() > MAX_RESPONSE_BYTES:
                    raise _too_large()
        except ValueError as error:
            raise requests.exceptions.ContentDecodingError(str(error)) from None
        spool.seek(0)
        return spool.read()


def _too_large() -> ApiError:
    what = f"the response is larger than {MAX_RESPONSE_BYTES // 1024**2} MB"
    return permanent_error(what, took_effect=True)
