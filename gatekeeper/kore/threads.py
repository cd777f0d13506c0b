"""Threads for what may have to be given up on: each goes on to the next task when one is done."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable


class Workers:
    """Runs tasks, each on a thread that has nothing else to do; safe to use from threads.

    There are as many threads as tasks were ever under way at once. They end with the program, so
    one that hangs in a task holds up nothing. A task must not raise.
    """

    def __init__(self) -> None:
        self._idle: deque[queue.SimpleQueue[Callable[[], None]]] = deque()

    def run(self, task: Callable[[], None]) -> None:
        """Have a task done; returns at once."""
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
