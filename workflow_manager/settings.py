"""What can be set, and what is in force: the environment and the flags, read once, frozen.

Every setting has a variable and may have a flag of the same name; `origins` tells where each
value came from.  The variables of the AWS setting keep the names they have always had.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from workflow_manager.kernel.errors import InvalidRequest

E = TypeVar("E", bound=Enum)


class Backend(Enum):
    """Engine and store at once: what a user chooses; each may still be said otherwise."""

    EMBEDDED = "embedded"
    AWS = "aws"


class EngineKind(Enum):
    EMBEDDED = "embedded"
    AWS = "aws"


class StoreKind(Enum):
    SQLITE = "sqlite"
    MEMORY = "memory"
    DYNAMODB = "dynamodb"


class SyncMode(Enum):
    """What a commit waits for: FULL survives a power cut, NORMAL the end of the process."""

    FULL = "full"
    NORMAL = "normal"


class LogFormat(Enum):
    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(Enum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class InvalidSettings(InvalidRequest):
    """A setting that cannot be; the message names its variable."""


def _text(text: str) -> str:
    return text


def _boolean(text: str) -> bool:
    match text.strip().lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off" | "":
            return False
    raise ValueError("is neither true nor false")


def _integer(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,18}", text.strip(), re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 86_400:
        raise ValueError("is not a number of seconds above 0 and up to 86400")
    return seconds


def _one_of(choices: type[E]) -> Callable[[str], E]:
    def read(text: str) -> E:
        try:
            return choices(text.strip().lower())
        except ValueError:
            raise ValueError(f"is none of {', '.join(each.value for each in choices)}") from None

    return read


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    for key in keys:
        # An AWS client sends its key inside `Credential=<key>/…, …`.
        if not re.fullmatch(r"[!-~]+", key) or set(key) & set("/,"):
            raise ValueError("holds a key with a blank, a slash or a character beyond ASCII")
    return keys


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", text):
        raise ValueError("is not an http or https address")
    return text


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text, re.ASCII):
        raise ValueError("is not an account id of twelve digits")
    return text


def _prefix(text: str) -> str:
    # Table names have 3 to 255 of these; the longest ending has 28.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,220}", text):
        raise ValueError("is not a prefix of table names: letters, digits, _ . - and at most 220")
    return text


def _log_group(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_/.#-]{1,512}", text):
        raise ValueError("is not a name of a log group: letters, digits, _ / . # - and at most 512")
    return text


def _about(
    variable: str, read: Callable[[str], Any], help: str, *, secret: bool = False, many: bool = False
) -> Mapping[str, Any]:
    return {"variable": variable, "read": read, "help": help, "secret": secret, "many": many}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    host: str = field(default="127.0.0.1", metadata=_about("WFM_HOST", _text, "Address to listen on"))
    port: int = field(
        default=8080, metadata=_about("WFM_PORT", _integer(0, 65535), "Port to listen on; 0 for any free one")
    )
    data: Path = field(
        default=Path(".wfm"), metadata=_about("WFM_DATA", Path, "Directory of the embedded engine and store")
    )
    backend: Backend = field(
        default=Backend.EMBEDDED,
        metadata=_about(
            "WFM_BACKEND",
            _one_of(Backend),
            "embedded, or aws: Step Functions and DynamoDB for engine and store",
        ),
    )
    engine: EngineKind = field(
        default=EngineKind.EMBEDDED,
        metadata=_about("WFM_ENGINE", _one_of(EngineKind), "Where state machines run: embedded or aws"),
    )
    store: StoreKind = field(
        default=StoreKind.SQLITE,
        metadata=_about("WFM_STORE", _one_of(StoreKind), "Where records live: sqlite, memory or dynamodb"),
    )
    sync: SyncMode = field(
        default=SyncMode.FULL,
        metadata=_about("WFM_SYNC", _one_of(SyncMode), "What a commit survives: full (power cut) or normal"),
    )
    api_keys: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "WFM_API_KEYS", _keys, "Keys that open the server, with commas between them", secret=True
        ),
    )
    insecure: bool = field(
        default=False, metadata=_about("WFM_INSECURE", _boolean, "Listen beyond this machine without any key")
    )
    body_limit: int = field(
        default=1 << 20,
        metadata=_about("WFM_BODY_LIMIT", _integer(1024, 1 << 30), "Largest request body, in bytes"),
    )
    request_timeout: float = field(
        default=30.0,
        metadata=_about("WFM_REQUEST_TIMEOUT", _seconds, "Seconds after which a request is answered 503"),
    )
    history_timeout: float = field(
        default=90.0,
        metadata=_about(
            "WFM_HISTORY_TIMEOUT", _seconds, "The same for requests that read an execution's history"
        ),
    )
    drain_timeout: float = field(
        default=30.0,
        metadata=_about(
            "WFM_DRAIN_TIMEOUT", _seconds, "Seconds that running requests get when the server stops"
        ),
    )
    keep_days: int = field(
        default=90,
        metadata=_about(
            "WFM_KEEP_DAYS",
            _integer(0, 36_500),
            "Days after which ended workflows and executions are taken away; 0 for never",
        ),
    )
    max_connections: int = field(
        default=10_000,
        metadata=_about(
            "WFM_MAX_CONNECTIONS", _integer(1, 1_000_000), "Connections at the same time, workers' included"
        ),
    )
    max_requests: int = field(
        default=2_000,
        metadata=_about(
            "WFM_MAX_REQUESTS",
            _integer(1, 1_000_000),
            "Requests at the same time, beyond which clients are told to come again",
        ),
    )
    max_open: int = field(
        default=1_000_000,
        metadata=_about("WFM_MAX_OPEN", _integer(1, 100_000_000), "Executions that may be running"),
    )
    threads: int = field(
        default=32,
        metadata=_about(
            "WFM_THREADS",
            _integer(1, 1000),
            "REST requests that are worked on at the same time, starts on the embedded engine aside",
        ),
    )
    log_format: LogFormat = field(
        default=LogFormat.AUTO,
        metadata=_about("WFM_LOG_FORMAT", _one_of(LogFormat), "json, console, or auto: json off a terminal"),
    )
    log_level: LogLevel = field(
        default=LogLevel.INFO,
        metadata=_about("WFM_LOG_LEVEL", _one_of(LogLevel), "debug, info, warning or error"),
    )
    region: str = field(
        default="us-east-1",
        metadata=_about("AWS_SFN_REGION", _text, "Region, also of the embedded engine's ARNs"),
    )
    account: str = field(
        default="123456789012",
        metadata=_about("AWS_SFN_ACCOUNT_ID", _account, "Account, also of the embedded engine's ARNs"),
    )
    role: str = field(
        default="arn:aws:iam::123456789012:role/workflow-manager",
        metadata=_about("AWS_SFN_ROLE_ARN", _text, "Role that state machines run under"),
    )
    sfn_endpoint: str = field(
        default="",
        metadata=_about("AWS_ENDPOINT_URL_SFN", _url, "Where Step Functions answers, if not where AWS says"),
    )
    aws_attempts: int = field(
        default=4,
        metadata=_about("WFM_AWS_ATTEMPTS", _integer(1, 20), "How often a call to AWS is tried in all"),
    )
    aws_timeout: float = field(
        default=15.0,
        metadata=_about(
            "WFM_AWS_TIMEOUT", _seconds, "Seconds after which one try of a call to AWS is given up"
        ),
    )
    dynamo_region: str = field(
        default="", metadata=_about("AWS_DYNAMO_REGION", _text, "Region of the tables; empty for the same")
    )
    dynamo_endpoint: str = field(
        default="",
        metadata=_about("AWS_ENDPOINT_URL_DYNAMODB", _url, "Where DynamoDB answers, if not where AWS says"),
    )
    definitions_prefix: str = field(
        default="workflow-manager-test",
        metadata=_about(
            "AWS_DYNAMO_PREFIX_WORKFLOW_DEFINITIONS", _prefix, "Begins the names of the definitions' tables"
        ),
    )
    workflows_prefix: str = field(
        default="workflow-manager-test",
        metadata=_about("AWS_DYNAMO_PREFIX_WORKFLOWS", _prefix, "Begins the name of the workflows' table"),
    )
    resources_prefix: str = field(
        default="workflow-manager-test",
        metadata=_about(
            "AWS_DYNAMO_PREFIX_STATE_RESOURCES", _prefix, "Begins the name of the state resources' table"
        ),
    )
    dynamodb_keep_days: int = field(
        default=30,
        metadata=_about(
            "WFM_DYNAMO_KEEP_DAYS", _integer(0, 36_500), "Days until DynamoDB forgets a workflow; 0 for never"
        ),
    )
    events_queue: str = field(
        default="",
        metadata=_about("WFM_EVENTS_QUEUE_URL", _url, "SQS queue of status changes, for `wfm consume`"),
    )
    services_endpoint_url: str = field(
        default="",
        metadata=_about(
            "WFM_SERVICES_ENDPOINT_URL",
            _url,
            "Where the AWS services are that tasks call; empty for AWS, or what AWS_ENDPOINT_URL_… say",
        ),
    )
    service_calls: int = field(
        default=64,
        metadata=_about(
            "WFM_SERVICE_CALLS", _integer(1, 1000), "Calls of AWS services and functions at the same time"
        ),
    )
    function: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "WFM_FUNCTION",
            _lines,
            "A Lambda function to run here: NAME=module:callable or NAME=command:…; one to a line",
            many=True,
        ),
    )
    functions: Path | None = field(
        default=None, metadata=_about("WFM_FUNCTIONS", Path, "YAML file of Lambda functions to run here")
    )
    webhooks_private: bool = field(
        default=False,
        metadata=_about(
            "WFM_WEBHOOKS_PRIVATE",
            _boolean,
            "Let webhooks go to private networks, and to this machine from a server that others reach",
        ),
    )
    connections: Path | None = field(
        default=None,
        metadata=_about(
            "WFM_CONNECTIONS", Path, "YAML file of connections of HTTP tasks that need no EventBridge"
        ),
    )
    events_stream: str = field(
        default="",
        metadata=_about(
            "AWS_SFN_EXECUTION_EVENTS_STREAM_ARN", _text, "Stream for the executions' logs; empty for none"
        ),
    )
    logs_role: str = field(
        default="",
        metadata=_about(
            "AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN", _text, "Role that writes the logs to that stream"
        ),
    )
    execution_log_group: str = field(
        default="/aws/vendedlogs/states/workflow-manager",
        metadata=_about(
            "WFM_EXECUTION_LOG_GROUP", _log_group, "Log group of all executions, where there is such a stream"
        ),
    )
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def __post_init__(self) -> None:
        _check(self)


def load_settings(environment: Mapping[str, str], flags: Mapping[str, object] | None = None) -> Settings:
    """What is in force: flags, which are named like the settings, before variables before defaults.

    A flag may be a text or a value; None is a flag that was not given, as is one without a value
    where there may be many, and an empty variable is one that is not set.  Raises `InvalidSettings`.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    given = {name: value for name, value in (flags or {}).items() if value not in (None, ())}
    for each in settings_fields():
        variable = each.metadata["variable"]
        text = environment.get(variable, "")
        origins[each.name] = "default"
        if each.name in given:
            origins[each.name] = f"--{each.name.replace('_', '-')}"
            text = _flag_text(given.pop(each.name), "\n" if each.metadata["many"] else ",")
        elif text:
            origins[each.name] = variable
        else:
            continue
        try:
            values[each.name] = each.metadata["read"](text)
        except ValueError as error:
            shown = "its value" if each.metadata["secret"] else repr(text)
            raise InvalidSettings(f"{origins[each.name]}: {shown} {error}") from None
    if values.get("backend") is Backend.AWS:
        for name, value in (("engine", EngineKind.AWS), ("store", StoreKind.DYNAMODB)):
            if name not in values:
                values[name], origins[name] = value, origins["backend"]
    if given:
        raise TypeError(f"no such settings: {sorted(given)}")
    return Settings(**values, origins=MappingProxyType(origins))


def settings_fields() -> tuple[Any, ...]:
    """The dataclass fields of all settings; metadata: variable, read, help, secret, many."""
    return tuple(each for each in fields(Settings) if each.metadata)


def shown_value(settings: Settings, name: str) -> str:
    """A setting's value for people; of a secret, only whether it is there."""
    about = next(each for each in settings_fields() if each.name == name)
    value = getattr(settings, name)
    if about.metadata["secret"]:
        return f"({len(value)} set)" if value else ""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, tuple):
        return ", ".join(value or ())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flag_text(value: object, between: str) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return between.join(value) if isinstance(value, list | tuple) else str(value)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(settings: Settings) -> None:
    """What no setting can tell alone."""
    if not settings.host:
        raise InvalidSettings("WFM_HOST: an address is needed")
    if not is_loopback(settings.host) and not settings.api_keys and not settings.insecure:
        raise InvalidSettings(
            f"WFM_HOST: {settings.host} can be reached from other machines; "
            "set WFM_API_KEYS, or say --insecure (WFM_INSECURE=1) to be open to all of them"
        )
    if settings.engine is EngineKind.AWS and settings.origins:
        for name in ("region", "account", "role"):
            if settings.origins[name] == "default":
                raise InvalidSettings(f"{_variable(name)} required")
    if settings.events_stream and not settings.logs_role:
        raise InvalidSettings("AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN required")


def _variable(name: str) -> str:
    return next(str(each.metadata["variable"]) for each in settings_fields() if each.name == name)
