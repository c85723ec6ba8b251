"""Which signals reach the commands, and which of them end the workers."""

from __future__ import annotations

import os
import signal
import threading
from typing import Final

from workflow_manager.worker.group import Group

ENDING: Final = (signal.SIGINT, signal.SIGTERM)
FORWARDED: Final = (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)

_ENDED: Final = 0  # no signal has this number


def run_with_signals(group: Group) -> None:
    """Run the workers to their end, with the process's signals in its hands.

    Only from the main thread.  The first SIGTERM or SIGINT ends them in an orderly way, a
    second one at once.  Raises what `Group.run` raises.
    """
    # The system may give a signal to any thread, and Python acts on it in the main one alone, which has
    # to wake up for that: a pipe wakes it, whoever got the signal.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for watched in (*ENDING, *FORWARDED):
        signal.signal(watched, lambda _got, _frame: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            group.run()
        except BaseException as error:  # carried over to the main thread
            raised.append(error)
        finally:
            os.write(writer, bytes([_ENDED]))

    # A daemon: where a second signal finds the workers stuck, the process still ends.
    threading.Thread(target=run, name="workers", daemon=True).start()
    is_ending = False
    while (number := os.read(reader, 1)[0]) != _ENDED:
        if number in FORWARDED:
            group.forward(number)
        elif number in ENDING and is_ending:
            group.kill()
        elif number in ENDING:
            is_ending = True
            group.stop(number)
    if raised:
        raise raised[0]
