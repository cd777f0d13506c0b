"""How far a request got: no exception of `requests` tells for sure whether it reached the host."""

from __future__ import annotations

import threading
from typing import Any

from requests.adapters import HTTPAdapter


class Sending(threading.local):
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


sending = Sending()
"""What is known of this thread's last request."""


class _Noting:
    """Mixed into a connection's class: notes how far a request gets on it."""

    def connect(self) -> None:
        sending.connected = False
        super().connect()  # type: ignore[misc] # the connection's own class comes after this one
        sending.connected = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        sending.began = True
        super().request(*args, **kwargs)  # type: ignore[misc] # the same


class NotingAdapter(HTTPAdapter):
    """Has connections note how far requests get, all of which go to one host by the same way."""

    _pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the one pool of connections, whatever the request."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
            self._pool.ConnectionCls = type("Connection", (_Noting, self._pool.ConnectionCls), {})
        return self._pool
