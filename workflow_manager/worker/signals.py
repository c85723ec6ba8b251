"""Which signals reach the command, and which of them end the worker."""

from __future__ import annotations

import queue
import signal
import threading
from typing import Final

from workflow_manager.worker.group import Group

ENDING: Final = (signal.SIGINT, signal.SIGTERM)
FORWARDED: Final = (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def run_with_signals(group: Group) -> None:
    """Run the workers to their end, with the process's signals in its hands.

    Only from the main thread.  The first SIGTERM or SIGINT ends them in an orderly way, a
    second one at once.  Raises what `Group.run` raises.
    """
    # A handler may interrupt any line of the main thread; `put` is all that is safe there.
    received: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    for watched in (*ENDING, *FORWARDED):
        signal.signal(watched, lambda got, _frame: received.put(got))
    raised: list[BaseException] = []

    def run() -> None:
        try:
            group.run()
        except BaseException as error:  # carried over to the main thread
            raised.append(error)
        finally:
            received.put(None)

    # A daemon: where a second signal finds the worker stuck, the process still ends.
    threading.Thread(target=run, name="workers", daemon=True).start()
    is_ending = False
    while (number := received.get()) is not None:
        if number not in ENDING:
            group.forward(number)
        elif is_ending:
            group.kill()
        else:
            is_ending = True
            group.stop(number)
    if raised:
        raise raised[0]
