"""Reusable daemon threads for requests that may never return.

`concurrent.futures` joins its threads when the program exits, so a request that hangs would keep
the gate from ending; and starting a thread for each request takes as long as the request itself.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable


class Workers:
    """Runs each task at once, on an idle thread or a new one. Thread-safe.

    The threads end with the program, so a task that hangs delays nothing. Tasks must not raise.
    """

    def __init__(self) -> None:
        self._idle: deque[queue.SimpleQueue[Callable[[], None]]] = deque()

    def run(self, task: Callable[[], None]) -> None:
        """Run a task in the background; return immediately."""
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(inbox,), name="request", daemon=True).start()
        inbox.put(task)

    def _work(self, inbox: queue.SimpleQueue[Callable[[], None]]) -> None:
        while True:
            inbox.get()()
            self._idle.append(inbox)
