"""Jobs that `.sync` waits for: where each service tells how far one is, and how it is stopped.

Answers are read as integrations show them, members with a capital.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from workflow_manager.integrations.members import Members, find, gathered
from workflow_manager.kernel.json import Json


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
        found = gathered(answer, self.answer) | gathered(arguments, self.arguments)
        return {**self.fixed, **found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`found` and `status` are paths: to the job in the description, and to its status in the job.

    `wrapped` is the member of the state's result that holds the job, where that is not the result
    itself; `kept` are those of the answer that stay beside it.  Of what is taken away the service knows
    nothing in the end: `gone` is the error that says so.  Without `stop` it goes on when the execution ends.
    """

    describe: Ask
    stop: Ask | None
    status: str
    succeeded: tuple[str, ...]
    failed: frozenset[str]
    found: str = ""
    wrapped: str = ""
    kept: tuple[str, ...] = ()
    gone: str = ""
    is_well: Callable[[Members], bool] = lambda job: True

    def read(self, description: Json) -> Members | None:
        """The job; None as long as the service does not know it."""
        job = find(description, self.found) if self.found else description
        return job if isinstance(job, dict) else None

    def outcome(self, job: Members) -> bool | None:
        """Did it succeed?  None while it goes on."""
        status = find(job, self.status)
        if status in self.succeeded:
            return self.is_well(job)
        return False if status in self.failed else None

    def result(self, job: Members, answer: Json) -> Members:
        if not self.wrapped:
            return job
        return {**{name: find(answer, name) for name in self.kept}, self.wrapped: job}


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
        succeeded=("Completed",),
        failed=frozenset(("Failed", "Stopped")),
    )


def _eks(kind: str, name: str, failed: str) -> Mapping[tuple[str, str], Job]:
    """What is created and deleted in EKS: `kind` in a cluster, or one itself; `name` names it."""
    named = {name: name} if kind == "Cluster" else {"ClusterName": "ClusterName", name: name}
    describe, delete = _ask(f"Describe{kind}", arguments=named), _ask(f"Delete{kind}", arguments=named)
    creation = Job(
        describe=describe,
        stop=delete,
        found=kind,
        status="Status",
        succeeded=("ACTIVE",),
        failed=frozenset((f"{failed}FAILED",)),
        wrapped=kind,
    )
    removal = Job(
        describe=describe,
        stop=None,
        found=kind,
        status="Status",
        succeeded=(),
        failed=frozenset(("FAILED" if kind == "Cluster" else "DELETE_FAILED",)),
        gone="EKS.ResourceNotFoundException",
    )
    return {("eks", f"create{kind}"): creation, ("eks", f"delete{kind}"): removal}


def _emr_application(*succeeded: str, stop: str = "", is_new: bool = False) -> Job:
    """An application of EMR Serverless, until it has come to a state."""
    name = {"ApplicationId": "ApplicationId"}
    answer, arguments = (name, {}) if is_new else ({}, name)
    return Job(
        describe=_ask("GetApplication", answer, arguments),
        stop=_ask(stop, answer, arguments) if stop else None,
        found="Application",
        status="State",
        succeeded=succeeded,
        failed=frozenset(("TERMINATED",)) - {*succeeded},
        wrapped="Application",
    )


def _containers_are_well(task: Members) -> bool:
    """Did every container of an ECS task end with code 0?"""
    containers = find(task, "Containers")
    codes = [find(each, "ExitCode") for each in containers] if isinstance(containers, list) else []
    return bool(codes) and all(code == 0 for code in codes)


_STOPPED: Final = "Stopped with the execution that started it."

_BUILD_BATCH: Final = Job(
    describe=_ask("BatchGetBuildBatches", {"Ids": "[]BuildBatch.Id"}),
    stop=_ask("StopBuildBatch", {"Id": "BuildBatch.Id"}),
    found="BuildBatches.0",
    status="BuildBatchStatus",
    succeeded=("SUCCEEDED",),
    failed=frozenset(("FAILED", "FAULT", "STOPPED", "TIMED_OUT")),
    wrapped="BuildBatch",
)

JOBS: Final[Mapping[tuple[str, str], Job]] = {
    ("athena", "startQueryExecution"): Job(
        describe=_ask("GetQueryExecution", {"QueryExecutionId": "QueryExecutionId"}),
        stop=_ask("StopQueryExecution", {"QueryExecutionId": "QueryExecutionId"}),
        found="QueryExecution",
        status="Status.State",
        succeeded=("SUCCEEDED",),
        failed=frozenset(("FAILED", "CANCELLED")),
        wrapped="QueryExecution",
    ),
    ("batch", "submitJob"): Job(
        describe=_ask("DescribeJobs", {"Jobs": "[]JobId"}),
        stop=_ask("TerminateJob", {"JobId": "JobId"}, Reason=_STOPPED),
        found="Jobs.0",
        status="Status",
        succeeded=("SUCCEEDED",),
        failed=frozenset(("FAILED",)),
    ),
    ("bedrock", "createModelCustomizationJob"): Job(
        describe=_ask("GetModelCustomizationJob", {"JobIdentifier": "JobArn"}),
        stop=_ask("StopModelCustomizationJob", {"JobIdentifier": "JobArn"}),
        status="Status",
        succeeded=("Completed",),
        failed=frozenset(("Failed", "Stopped")),
    ),
    ("codebuild", "retryBuildBatch"): _BUILD_BATCH,
    ("codebuild", "startBuild"): Job(
        describe=_ask("BatchGetBuilds", {"Ids": "[]Build.Id"}),
        stop=_ask("StopBuild", {"Id": "Build.Id"}),
        found="Builds.0",
        status="BuildStatus",
        succeeded=("SUCCEEDED",),
        failed=frozenset(("FAILED", "FAULT", "STOPPED", "TIMED_OUT")),
        wrapped="Build",
    ),
    ("codebuild", "startBuildBatch"): _BUILD_BATCH,
    ("databrew", "startJobRun"): Job(
        describe=_ask("DescribeJobRun", {"RunId": "RunId"}, {"Name": "Name"}),
        stop=_ask("StopJobRun", {"RunId": "RunId"}, {"Name": "Name"}),
        status="State",
        succeeded=("SUCCEEDED",),
        failed=frozenset(("FAILED", "STOPPED", "TIMEOUT")),
    ),
    ("ecs", "runTask"): Job(
        describe=_ask("DescribeTasks", {"Tasks": "[]Tasks.0.TaskArn"}, {"Cluster": "Cluster"}),
        stop=_ask("StopTask", {"Task": "Tasks.0.TaskArn"}, {"Cluster": "Cluster"}, Reason=_STOPPED),
        found="Tasks.0",
        status="LastStatus",
        succeeded=("STOPPED",),
        failed=frozenset(),
        is_well=_containers_are_well,
    ),
    **_eks("Cluster", "Name", ""),
    **_eks("FargateProfile", "FargateProfileName", "CREATE_"),
    **_eks("Nodegroup", "NodegroupName", "CREATE_"),
    ("elasticmapreduce", "addStep"): Job(
        describe=_ask("DescribeStep", {"StepId": "StepId"}, {"ClusterId": "ClusterId"}),
        stop=_ask("CancelSteps", {"StepIds": "[]StepId"}, {"ClusterId": "ClusterId"}),
        found="Step",
        status="Status.State",
        succeeded=("COMPLETED",),
        failed=frozenset(("CANCELLED", "FAILED", "INTERRUPTED")),
        wrapped="Step",
    ),
    ("elasticmapreduce", "createCluster"): Job(
        describe=_ask("DescribeCluster", {"ClusterId": "ClusterId"}),
        stop=_ask("TerminateJobFlows", {"JobFlowIds": "[]ClusterId"}),
        found="Cluster",
        status="Status.State",
        succeeded=("WAITING",),
        failed=frozenset(("TERMINATED", "TERMINATED_WITH_ERRORS")),
        wrapped="Cluster",
        kept=("ClusterId",),
    ),
    ("elasticmapreduce", "terminateCluster"): Job(
        describe=_ask("DescribeCluster", arguments={"ClusterId": "ClusterId"}),
        stop=None,
        found="Cluster",
        status="Status.State",
        succeeded=("TERMINATED",),
        failed=frozenset(("TERMINATED_WITH_ERRORS",)),
        wrapped="Cluster",
    ),
    ("emr-containers", "createVirtualCluster"): Job(
        describe=_ask("DescribeVirtualCluster", {"Id": "Id"}),
        stop=_ask("DeleteVirtualCluster", {"Id": "Id"}),
        found="VirtualCluster",
        status="State",
        succeeded=("RUNNING",),
        failed=frozenset(("ARRESTED", "TERMINATED")),
    ),
    ("emr-containers", "deleteVirtualCluster"): Job(
        describe=_ask("DescribeVirtualCluster", arguments={"Id": "Id"}),
        stop=None,
        found="VirtualCluster",
        status="State",
        succeeded=("TERMINATED",),
        failed=frozenset(("ARRESTED",)),
    ),
    ("emr-containers", "startJobRun"): Job(
        describe=_ask("DescribeJobRun", {"Id": "Id"}, {"VirtualClusterId": "VirtualClusterId"}),
        stop=_ask("CancelJobRun", {"Id": "Id"}, {"VirtualClusterId": "VirtualClusterId"}),
        found="JobRun",
        status="State",
        succeeded=("COMPLETED",),
        failed=frozenset(("FAILED", "CANCELLED")),
    ),
    ("emr-serverless", "cancelJobRun"): Job(
        describe=_ask("GetJobRun", arguments={"JobRunId": "JobRunId", "ApplicationId": "ApplicationId"}),
        stop=None,
        found="JobRun",
        status="State",
        succeeded=("CANCELLED",),
        failed=frozenset(("FAILED", "SUCCESS")),
        wrapped="JobRun",
    ),
    ("emr-serverless", "createApplication"): _emr_application(
        "CREATED", "STARTED", stop="DeleteApplication", is_new=True
    ),
    ("emr-serverless", "deleteApplication"): _emr_application("TERMINATED"),
    ("emr-serverless", "startApplication"): _emr_application("STARTED", stop="StopApplication"),
    ("emr-serverless", "stopApplication"): _emr_application("STOPPED"),
    ("emr-serverless", "startJobRun"): Job(
        describe=_ask("GetJobRun", {"JobRunId": "JobRunId", "ApplicationId": "ApplicationId"}),
        stop=_ask("CancelJobRun", {"JobRunId": "JobRunId", "ApplicationId": "ApplicationId"}),
        found="JobRun",
        status="State",
        succeeded=("SUCCESS",),
        failed=frozenset(("FAILED", "CANCELLED")),
        wrapped="JobRun",
    ),
    ("glue", "startJobRun"): Job(
        describe=_ask("GetJobRun", {"RunId": "JobRunId"}, {"JobName": "JobName"}),
        stop=_ask("BatchStopJobRun", {"JobRunIds": "[]JobRunId"}, {"JobName": "JobName"}),
        found="JobRun",
        status="JobRunState",
        succeeded=("SUCCEEDED",),
        failed=frozenset(("ERROR", "EXPIRED", "FAILED", "STOPPED", "TIMEOUT")),
    ),
    ("mediaconvert", "createJob"): Job(
        describe=_ask("GetJob", {"Id": "Job.Id"}),
        stop=_ask("CancelJob", {"Id": "Job.Id"}),
        found="Job",
        status="Status",
        succeeded=("COMPLETE",),
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
