"""Which signals reach the command, and which of them end the worker."""

from __future__ import annotations

import queue
import signal
import threading
from typing import Final

from workflow_manager.worker.loop import Worker

ENDING: Final = (signal.SIGINT, signal.SIGTERM)
FORWARDED: Final = (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def run_with_signals(worker: Worker) -> None:
    """Run the worker to its end, with the process's signals in its hands.

    Only from the main thread.  The first SIGTERM or SIGINT ends the worker in an orderly way, a
    second one at once.  Raises what `Worker.run` raises.
    """
    # A handler may interrupt any line of the main thread; `put` is all that is safe there.
    received: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    for watched in (*ENDING, *FORWARDED):
        signal.signal(watched, lambda got, _frame: received.put(got))
    raised: list[BaseException] = []

    def run() -> None:
        try:
            worker.run()
        except BaseException as error:  # carried over to the main thread
            raised.append(error)
        finally:
            received.put(None)

    # A daemon: where a second signal finds the worker stuck, the process still ends.
    threading.Thread(target=run, name="worker", daemon=True).start()
    is_ending = False
    while (number := received.get()) is not None:
        if number not in ENDING:
            worker.forward(number)
        elif is_ending:
            worker.kill()
        else:
            is_ending = True
            worker.stop(number)
    if raised:
        raise raised[0]
