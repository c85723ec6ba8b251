"""The engine: what can be asked of it, and what it answers once the answer is durable."""

from __future__ import annotations

from workflow_manager.engine.errors import (
    InvalidOutput,
    InvalidToken,
    NotRedrivable,
    TooManyExecutions,
    WrongMachineType,
)
from workflow_manager.engine.figures import Counting, Figures
from workflow_manager.engine.handing_out import ActivityTask, HandingOut
from workflow_manager.engine.loads import ActivityLoad
from workflow_manager.engine.machines import Machines
from workflow_manager.engine.starting import Begun, Starting

__all__ = [
    "ActivityLoad",
    "ActivityTask",
    "Begun",
    "Engine",
    "Figures",
    "InvalidOutput",
    "InvalidToken",
    "NotRedrivable",
    "TooManyExecutions",
    "WrongMachineType",
]


class Engine(Machines, Starting, HandingOut, Counting):
    """For use on one event loop: between `open` and `close`, on the loop `open` ran on.

    Every method answers with what is durable.  All raise the errors of `kernel.errors`, and
    `Unavailable` when the journal cannot be read or written.
    """
