"""How far a request got: no exception of `requests` tells for sure whether it reached the host."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter


class RequestState(threading.local):
    """How far this thread's request got: whether sending began, on a connection that was there."""

    began = False
    connected = True
    token = ""

    @property
    def took_effect(self) -> bool:
        """Whether the request may have reached the host."""
        return self.began and self.connected

    def start_anew(self) -> None:
        """Forget about an earlier request."""
        self.began, self.connected, self.token = False, True, ""


request_state = RequestState()
"""What is known of this thread's last request."""


# No server sends more than a few; without an end, they would keep a thread busy for ever.
_MOST_INTERIM = 100


class _FinalResponse(HTTPResponse):
    """A response that reads over interim ones, of which `http.client` knows 100 alone."""

    def begin(self) -> None:
        for _ in range(_MOST_INTERIM):
            super().begin()
            # 101 is final: what follows it is no longer HTTP.
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return
            # Without headers, it has not begun.
            self.headers = self.msg = None  # type: ignore[assignment]
        raise HTTPException(f"more than {_MOST_INTERIM} interim responses")


class _Noting:
    """Mixed into a connection's class: notes how far a request gets on it."""

    response_class = _FinalResponse

    def connect(self) -> None:
        request_state.connected = False
        super().connect()  # type: ignore[misc] # the connection's own class comes after this one
        request_state.connected = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        request_state.began = True
        super().request(*args, **kwargs)  # type: ignore[misc] # the same


class TrackingAdapter(HTTPAdapter):
    """Has connections note how far requests get, all of which go to one host by the same way."""

    _pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the one pool of connections, whatever the request."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
            self._pool.ConnectionCls = type("Connection", (_Noting, self._pool.ConnectionCls), {})
        return self._pool
