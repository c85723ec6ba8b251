"""Jobs that `.sync` waits for: where each service tells how far one is, and how it is stopped.

Answers are read as integrations show them, members with a capital.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from workflow_manager.kernel.json import Json

Members: TypeAlias = "dict[str, Json]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An operation, and the members of its request.

    Each is found at a path, in what the request to begin was answered with (`answer`) or in the
    state's arguments (`arguments`); `[]` before a path makes a list of it.
    """

    operation: str
    answer: Mapping[str, str]
    arguments: Mapping[str, str]
    fixed: Mapping[str, Json]

    def request(self, answer: Json, arguments: Json) -> Members:
        request: Members = dict(self.fixed)
        for source, paths in ((answer, self.answer), (arguments, self.arguments)):
            for name, path in paths.items():
                value = find(source, path.removeprefix("[]"))
                if value is not None:
                    request[name] = [value] if path.startswith("[]") else value
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`found` and `status` are paths: to the job in the description, and to its status in the job.

    `wrapped` is the member of the state's result that holds the job, where that is not the result
    itself.
    """

    describe: Ask
    stop: Ask
    status: str
    succeeded: str
    failed: frozenset[str]
    found: str = ""
    wrapped: str = ""
    is_well: Callable[[Members], bool] = lambda job: True

    def read(self, description: Json) -> Members | None:
        """The job; None as long as the service does not know it."""
        job = find(description, self.found) if self.found else description
        return job if isinstance(job, dict) else None

    def outcome(self, job: Members) -> bool | None:
        """Did it succeed?  None while it goes on."""
        status = find(job, self.status)
        if status == self.succeeded:
            return self.is_well(job)
        return False if status in self.failed else None

    def result(self, job: Members) -> Members:
        return {self.wrapped: job} if self.wrapped else job


def find(value: Json, path: str) -> Json:
    """The value at `A.0.B`; None where there is none.  Names match in any casing."""
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = next((item for name, item in value.items() if name.lower() == step.lower()), None)
        else:
            return None
    return value


def _ask(
    operation: str,
    answer: Mapping[str, str] | None = None,
    arguments: Mapping[str, str] | None = None,
    **fixed: Json,
) -> Ask:
    return Ask(operation=operation, answer=answer or {}, arguments=arguments or {}, fixed=fixed)


def _sagemaker(kind: str) -> Job:
    name = {f"{kind}Name": f"{kind}Name"}
    return Job(
        describe=_ask(f"Describe{kind}", arguments=name),
        stop=_ask(f"Stop{kind}", arguments=name),
        status=f"{kind}Status",
        succeeded="Completed",
        failed=frozenset(("Failed", "Stopped")),
    )


def _containers_are_well(task: Members) -> bool:
    """Did every container of an ECS task end with code 0?"""
    containers = find(task, "Containers")
    codes = [find(each, "ExitCode") for each in containers] if isinstance(containers, list) else []
    return bool(codes) and all(code == 0 for code in codes)


_STOPPED: Final = "Stopped with the execution that started it."

JOBS: Final[Mapping[tuple[str, str], Job]] = {
    ("athena", "startQueryExecution"): Job(
        describe=_ask("GetQueryExecution", {"QueryExecutionId": "QueryExecutionId"}),
        stop=_ask("StopQueryExecution", {"QueryExecutionId": "QueryExecutionId"}),
        found="QueryExecution",
        status="Status.State",
        succeeded="SUCCEEDED",
        failed=frozenset(("FAILED", "CANCELLED")),
        wrapped="QueryExecution",
    ),
    ("batch", "submitJob"): Job(
        describe=_ask("DescribeJobs", {"Jobs": "[]JobId"}),
        stop=_ask("TerminateJob", {"JobId": "JobId"}, Reason=_STOPPED),
        found="Jobs.0",
        status="Status",
        succeeded="SUCCEEDED",
        failed=frozenset(("FAILED",)),
    ),
    ("codebuild", "startBuild"): Job(
        describe=_ask("BatchGetBuilds", {"Ids": "[]Build.Id"}),
        stop=_ask("StopBuild", {"Id": "Build.Id"}),
        found="Builds.0",
        status="BuildStatus",
        succeeded="SUCCEEDED",
        failed=frozenset(("FAILED", "FAULT", "STOPPED", "TIMED_OUT")),
        wrapped="Build",
    ),
    ("codebuild", "startBuildBatch"): Job(
        describe=_ask("BatchGetBuildBatches", {"Ids": "[]BuildBatch.Id"}),
        stop=_ask("StopBuildBatch", {"Id": "BuildBatch.Id"}),
        found="BuildBatches.0",
        status="BuildBatchStatus",
        succeeded="SUCCEEDED",
        failed=frozenset(("FAILED", "FAULT", "STOPPED", "TIMED_OUT")),
        wrapped="BuildBatch",
    ),
    ("databrew", "startJobRun"): Job(
        describe=_ask("DescribeJobRun", {"RunId": "RunId"}, {"Name": "Name"}),
        stop=_ask("StopJobRun", {"RunId": "RunId"}, {"Name": "Name"}),
        status="State",
        succeeded="SUCCEEDED",
        failed=frozenset(("FAILED", "STOPPED", "TIMEOUT")),
    ),
    ("ecs", "runTask"): Job(
        describe=_ask("DescribeTasks", {"Tasks": "[]Tasks.0.TaskArn"}, {"Cluster": "Cluster"}),
        stop=_ask("StopTask", {"Task": "Tasks.0.TaskArn"}, {"Cluster": "Cluster"}, Reason=_STOPPED),
        found="Tasks.0",
        status="LastStatus",
        succeeded="STOPPED",
        failed=frozenset(),
        is_well=_containers_are_well,
    ),
    ("emr-containers", "startJobRun"): Job(
        describe=_ask("DescribeJobRun", {"Id": "Id"}, {"VirtualClusterId": "VirtualClusterId"}),
        stop=_ask("CancelJobRun", {"Id": "Id"}, {"VirtualClusterId": "VirtualClusterId"}),
        found="JobRun",
        status="State",
        succeeded="COMPLETED",
        failed=frozenset(("FAILED", "CANCELLED")),
    ),
    ("emr-serverless", "startJobRun"): Job(
        describe=_ask("GetJobRun", {"JobRunId": "JobRunId", "ApplicationId": "ApplicationId"}),
        stop=_ask("CancelJobRun", {"JobRunId": "JobRunId", "ApplicationId": "ApplicationId"}),
        found="JobRun",
        status="State",
        succeeded="SUCCESS",
        failed=frozenset(("FAILED", "CANCELLED")),
        wrapped="JobRun",
    ),
    ("glue", "startJobRun"): Job(
        describe=_ask("GetJobRun", {"RunId": "JobRunId"}, {"JobName": "JobName"}),
        stop=_ask("BatchStopJobRun", {"JobRunIds": "[]JobRunId"}, {"JobName": "JobName"}),
        found="JobRun",
        status="JobRunState",
        succeeded="SUCCEEDED",
        failed=frozenset(("ERROR", "EXPIRED", "FAILED", "STOPPED", "TIMEOUT")),
    ),
    ("mediaconvert", "createJob"): Job(
        describe=_ask("GetJob", {"Id": "Job.Id"}),
        stop=_ask("CancelJob", {"Id": "Job.Id"}),
        found="Job",
        status="Status",
        succeeded="COMPLETE",
        failed=frozenset(("CANCELED", "ERROR")),
        wrapped="Job",
    ),
    ("sagemaker", "createHyperParameterTuningJob"): _sagemaker("HyperParameterTuningJob"),
    ("sagemaker", "createLabelingJob"): _sagemaker("LabelingJob"),
    ("sagemaker", "createProcessingJob"): _sagemaker("ProcessingJob"),
    ("sagemaker", "createTrainingJob"): _sagemaker("TrainingJob"),
    ("sagemaker", "createTransformJob"): _sagemaker("TransformJob"),
}
"""By service and action, as in the resource."""
