"""Background threads: reused for the next task, never waited for."""

import threading

from gatekeeper.kore.threads import Workers


def thread_of_a_task(workers: Workers) -> int:
    """Run a task, and return the id of the thread that ran it."""
    done = threading.Event()
    threads: list[int] = []

    def task() -> None:
        threads.append(threading.get_ident())
        done.set()

    workers.run(task)
    assert done.wait(5)
    return threads[0]


def test_a_thread_is_reused_for_the_next_task() -> None:
    """There can be two, as one that has just run its task may not be idle yet."""
    workers = Workers()
    threads = {thread_of_a_task(workers) for _ in range(100)}
    assert len(threads) <= 2
    assert threading.get_ident() not in threads


def test_a_task_that_hangs_delays_no_other() -> None:
    workers = Workers()
    over = threading.Event()

    def hang() -> None:
        over.wait(10)

    workers.run(hang)
    assert len({thread_of_a_task(workers) for _ in range(100)}) <= 2
    over.set()


def test_any_number_of_tasks_run_at_once() -> None:
    workers = Workers()
    together = threading.Barrier(51)

    def meet() -> None:
        together.wait(10)

    for _ in range(50):
        workers.run(meet)
    together.wait(10)
