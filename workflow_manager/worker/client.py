"""The Step Functions client a worker needs, and what its errors mean.

Decides which errors are worth another try.  A client is anything with boto3's methods: AWS, a
served engine, the engine in this process.  boto3 itself is imported where AWS is asked for, and
not before: it takes longer to come up than all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from http.client import HTTPException
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from workflow_manager.kernel.errors import Throttled, Unavailable
from workflow_manager.worker.wire import WireClient

# GetActivityTask is held for up to 60 seconds; whoever hangs up earlier may lose the task it was given.
_READ_TIMEOUT_SECONDS: Final = 75
_CONNECT_TIMEOUT_SECONDS: Final = 5


class ActivityClient(Protocol):
    """The six calls of a worker, with boto3's names and shapes."""

    def create_activity(self, *, name: str, tags: Sequence[Mapping[str, str]]) -> Mapping[str, Any]: ...

    def tag_resource(self, *, resourceArn: str, tags: Sequence[Mapping[str, str]]) -> object: ...  # noqa: N803

    def get_activity_task(self, *, activityArn: str, workerName: str) -> Mapping[str, Any]: ...  # noqa: N803

    def send_task_heartbeat(self, *, taskToken: str) -> object: ...  # noqa: N803

    def send_task_success(self, *, taskToken: str, output: str) -> object: ...  # noqa: N803

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> object: ...  # noqa: N803


class Trouble(Enum):
    """What an error says about the call that raised it."""

    TASK_GONE = "nobody waits for this task any more"
    PASSING = "the same call may succeed later"
    LASTING = "the same call will fail again"


_GONE: Final = frozenset({"TaskDoesNotExist", "TaskTimedOut", "InvalidToken"})
_PASSING: Final = frozenset(
    {
        "ActivityWorkerLimitExceeded",
        # The client gets new credentials by itself, for the next call.
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalFailure",
        "InternalServerError",
        "KmsThrottlingException",
        "RequestExpired",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def judge(error: Exception) -> Trouble:
    """What to make of an error that a call raised."""
    if isinstance(error, ClientError):
        if code_of(error) in _GONE:
            return Trouble.TASK_GONE
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        passing = code_of(error) in _PASSING or status >= 500 or status == 429
        return Trouble.PASSING if passing else Trouble.LASTING
    if isinstance(error, (HTTPClientError, NoConnection, HTTPException, OSError, Throttled, Unavailable)):
        return Trouble.PASSING
    return Trouble.LASTING


def code_of(error: Exception) -> str:
    """AWS's short name of an error, or "" where it is not AWS's."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def explain(error: Exception) -> str:
    """One line for people."""
    if isinstance(error, ClientError):
        message = str(error.response.get("Error", {}).get("Message", "")).strip()
        return f"{code_of(error)}: {message}" if message else code_of(error)
    if isinstance(error, ConnectionClosedError):
        return "the connection was closed before an answer came"
    text = " ".join(str(error).split())
    if isinstance(error, (BotoCoreError, HTTPException, OSError)) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def connect(url: str, api_key: str | None = None) -> ActivityClient:
    """A client for a workflow-manager server.  Raises `InvalidRequest` for what is no address."""
    return WireClient(url, timeout=_READ_TIMEOUT_SECONDS, api_key=api_key)


def connect_aws(region: str, *, connections: int) -> ActivityClient:
    """A boto3 client for AWS, or for what $AWS_ENDPOINT_URL_SFN names.

    It does not retry by itself: the worker's loops do, and say so.
    """
    import boto3
    from botocore.config import Config

    make_client: Any = boto3.client  # boto3's own types are one overload per service
    client: ActivityClient = make_client(
        "stepfunctions",
        region_name=region,
        config=Config(
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            read_timeout=_READ_TIMEOUT_SECONDS,
            max_pool_connections=connections,
            retries={"total_max_attempts": 1, "mode": "standard"},
            tcp_keepalive=True,
        ),
    )
    return client


def connect_cloudwatch(region: str) -> Any:
    """A boto3 client for CloudWatch's metrics."""
    import boto3

    make_client: Any = boto3.client
    return make_client("cloudwatch", region_name=region)
