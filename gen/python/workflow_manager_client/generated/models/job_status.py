from typing import Literal

JobStatus = Literal[
    "aborted_by_user",
    "aborted_deps_failed",
    "created",
    "failed",
    "queued",
    "running",
    "succeeded",
    "waiting_for_deps",
]

JOB_STATUS_VALUES: set[JobStatus] = {
    "aborted_by_user",
    "aborted_deps_failed",
    "created",
    "failed",
    "queued",
    "running",
    "succeeded",
    "waiting_for_deps",
}


def check_job_status(value: str) -> JobStatus:
    if value in JOB_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {JOB_STATUS_VALUES!r}")
