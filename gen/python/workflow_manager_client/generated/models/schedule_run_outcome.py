from typing import Literal

ScheduleRunOutcome = Literal["failed", "missed", "skipped", "started"]

SCHEDULE_RUN_OUTCOME_VALUES: set[ScheduleRunOutcome] = {
    "failed",
    "missed",
    "skipped",
    "started",
}


def check_schedule_run_outcome(value: str) -> ScheduleRunOutcome:
    if value in SCHEDULE_RUN_OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SCHEDULE_RUN_OUTCOME_VALUES!r}")
