"""Whether a request may have reached the host, which no exception of `requests` says for sure."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from types import MappingProxyType
from typing import Any

from requests.adapters import HTTPAdapter


class RequestState(threading.local):
    """The state of this thread's latest request: how far it got."""

    began = False
    connected = True

    @property
    def took_effect(self) -> bool:
        """Whether the request may have reached the host."""
        return self.began and self.connected

    def reset(self) -> None:
        """Forget the previous request."""
        self.began, self.connected = False, True


request_state = RequestState()


# Servers send a few at most; reading without a limit could keep a thread busy for ever.
_MAX_INTERIM_RESPONSES = 100


class _FinalResponse(HTTPResponse):
    """A response that skips every interim (1xx) one; `http.client` skips only status 100."""

    def begin(self) -> None:
        for _ in range(_MAX_INTERIM_RESPONSES):
            super().begin()
            # 101 is final: what follows it is no longer HTTP.
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return
            # Without headers, `begin` reads the next response.
            self.headers = self.msg = None  # type: ignore[assignment]
        raise HTTPException(f"more than {_MAX_INTERIM_RESPONSES} interim responses")


class _TrackedConnection:
    """Mixin for a connection class: records in `request_state` how far a request gets."""

    response_class = _FinalResponse
    adapter: TrackingAdapter
    sock: Any

    def connect(self) -> None:
        request_state.connected = False
        super().connect()  # type: ignore[misc] # the connection's own class comes after this one
        request_state.connected = True
        if hasattr(self.sock, "getpeercert"):
            self.adapter.certificate = self.sock.getpeercert()

    def request(self, *args: Any, **kwargs: Any) -> None:
        request_state.began = True
        super().request(*args, **kwargs)  # type: ignore[misc] # the same


class TrackingAdapter(HTTPAdapter):
    """Uses tracked connections from a single pool, as all requests go to one host.

    `certificate` is the host's, as `ssl` decodes it; empty before the first connection with TLS.
    """

    _pool: Any = None
    certificate: Mapping[str, Any] = MappingProxyType({})

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool of connections, the same for every request."""
        with self._lock:
            if self._pool is None:
                self._pool = super().get_connection_with_tls_context(*args, **kwargs)
                connection = self._pool.ConnectionCls
                self._pool.ConnectionCls = type(
                    "Connection", (_TrackedConnection, connection), {"adapter": self}
                )
            return self._pool
