"""The machine: an event comes in, a transition goes out.

Pure: reads no clock and no random source, touches nothing, and never raises for anything a
definition, an input or a worker can contain.
"""

from __future__ import annotations

from workflow_manager.engine.events import Event
from workflow_manager.engine.execution import Execution, Transition

BUDGET = 1000


def advance(execution: Execution, event: Event, budget: int = BUDGET) -> Transition:
    """Everything that follows from `event`, as far as the execution can go on its own.

    At most `budget` states are moved, so that one execution cannot hold up the others.
    """
    raise NotImplementedError
