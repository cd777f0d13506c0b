"""Several runs at the same time: each is watched on a thread of its own, so many at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from gatekeeper.runner import SuiteRun


def watch_all(
    runs: Sequence[SuiteRun], parallel: int, afterwards: Callable[[SuiteRun], None]
) -> None:
    """Watch all runs to their ends, at most `parallel` at once, in their order.

    `afterwards` is called for each run that has ended. It all happens on threads that end with the
    program, so that a signal can end the waiting; raises whatever a thread raised.
    """
    waiting: queue.SimpleQueue[SuiteRun] = queue.SimpleQueue()
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    for run in runs:
        waiting.put(run)

    def work() -> None:
        while True:
            try:
                run = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                run.watch()
                afterwards(run)
                ended.put(None)
            except BaseException as error:  # noqa: BLE001 - the waiting thread has to hear of it
                ended.put(error)

    for number in range(min(parallel, len(runs))):
        threading.Thread(target=work, name=f"run-{number}", daemon=True).start()
    for _ in runs:
        if error := ended.get():
            raise error
