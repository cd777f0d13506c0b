"""Name lookups and connections with a time limit."""

from __future__ import annotations

import ipaddress
import queue
import socket
from collections.abc import Callable
from typing import TypeVar

from gatekeeper.core.text import seconds
from gatekeeper.kore.threads import Workers

_LOOKUP_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_WORKERS = Workers()

Value = TypeVar("Value")


def lookup(name: str, port: int) -> list[str]:
    """Return the addresses of a name; raises `OSError`."""

    def look_up() -> list[str]:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    return _in_time(look_up, _LOOKUP_SECONDS)


def connect(name: str, port: int) -> None:
    """Connect to an address, and close the connection; raises `OSError`."""
    socket.create_connection((name, port), _CONNECT_SECONDS).close()


def _in_time(work: Callable[[], Value], timeout: float) -> Value:
    """Do work that has no timeout of its own; raises `TimeoutError`, `OSError`."""
    outcome: queue.SimpleQueue[Value | OSError] = queue.SimpleQueue()

    def attempt() -> None:
        try:
            outcome.put(work())
        except OSError as error:
            outcome.put(error)
        except ValueError as error:
            outcome.put(OSError(None, f"not a valid name: {error}"))

    _WORKERS.run(attempt)
    try:
        result = outcome.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(None, f"no response within {seconds(timeout)}") from None
    if isinstance(result, OSError):
        raise result
    return result


def is_address(name: str) -> bool:
    """Whether a host is given by its address, not by a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
