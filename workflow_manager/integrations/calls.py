"""One request to a service: how it is made of a state's arguments, and what its answer or error shows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workflow_manager.asl.failure import RUNTIME, Failure
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.integrations.clients import Clients
from workflow_manager.integrations.naming import Dialect, exception_name
from workflow_manager.integrations.shapes import Unfit, missing, to_json, to_request
from workflow_manager.kernel.json import Json, dumps

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from botocore.model import OperationModel, ServiceModel

_TOKENS: Final = uuid.UUID("0b5a8f2c-6f1d-4f0e-9d58-1f9d0a3f7a52")  # of requests that are made again
_TEXT_TYPE: Final = "text/plain; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, in boto3's shape, and the operation's model."""

    value: Mapping[str, Any]
    model: OperationModel

    def shown(self, dialect: Dialect) -> dict[str, Json]:
        """As the integration shows it; the optimized ones tell of the transport too."""
        shape = self.model.output_shape
        shown = {} if shape is None else to_json(shape, self.value, is_sdk=dialect.is_sdk)
        members = shown if isinstance(shown, dict) else {}
        if dialect.is_sdk:
            return members
        members |= metadata(self.value.get("ResponseMetadata", {}))
        return {name: members[name] for name in sorted(members)}


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests to the service that boto3 calls `client`, on behalf of one task.  They block.

    The same `token` makes the same idempotency tokens, where the service's API has any.
    """

    clients: Clients
    client: str
    dialect: Dialect
    region: str
    role: str | None
    token: str

    def send(self, operation: str, arguments: Json) -> Answer:
        """`operation` and the names of members in any casing.  Raises `ServiceFailed`."""
        from botocore.exceptions import BotoCoreError, ClientError

        model: OperationModel | None = None
        try:
            client = self.clients.get(self.client, self.region, self.role)
            model = find_operation(client.meta.service_model, operation)
            if model is None:
                raise ServiceFailed(_no_such_action(self.client, operation))
            request = self._request(model, arguments)
            value = client._make_api_call(model.name, request)  # type: ignore[attr-defined]
        except ClientError as error:
            raise ServiceFailed(self._refused(error, model)) from None
        except BotoCoreError as error:
            raise ServiceFailed(self.dialect.unreachable(str(error))) from None
        return Answer(value, model)

    def _request(self, model: OperationModel, arguments: Json) -> dict[str, Any]:
        shape = model.input_shape
        if shape is None:
            return {}
        try:
            request: dict[str, Any] = to_request(shape, arguments)
        except Unfit as unfit:
            raise unusable(arguments, unfit) from None
        for name in model.idempotent_members:
            request.setdefault(name, str(uuid.uuid5(_TOKENS, f"{self.token} {name}")))
        complaints = missing(shape, request)
        if complaints:
            raise ServiceFailed(self._incomplete(complaints))
        if model.has_streaming_input and "ContentType" in shape.members:
            request.setdefault("ContentType", _TEXT_TYPE)
        return request

    def _incomplete(self, complaints: list[str]) -> Failure:
        """What a service answers where required members are missing; boto3 would send nothing."""
        detected = f"{len(complaints)} validation error{'s' if len(complaints) > 1 else ''} detected"
        return self.dialect.failure(
            self.dialect.fallback,
            f"{detected}: {'; '.join(complaints)}",
            status=400,
            code="ValidationException",
            request_id=str(uuid.uuid5(_TOKENS, self.token)),
        )

    def _refused(self, error: ClientError, model: OperationModel | None) -> Failure:
        told: Mapping[str, Any] = error.response.get("Error", {})
        meta: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
        code = str(told.get("Code", "Unknown"))
        codes = (code, str(told.get("QueryErrorCode", code)))  # a service may have an old and a new one
        name = _error_shape(self.clients.get(self.client, self.region, self.role).meta.service_model, codes)
        message = told.get("Message") or told.get("message") or code
        if code == "404" and model is not None and len(model.error_shapes) == 1:
            # The answer to a HEAD request has no body to tell the error in.
            name, message = str(model.error_shapes[0].name), "null"
        request_id = str(meta.get("RequestId") or uuid.uuid5(_TOKENS, self.token))
        if self.dialect.is_sdk and meta.get("HostId"):
            request_id += f", Extended Request ID: {meta['HostId']}"
        return self.dialect.failure(
            exception_name(name, self.dialect) if name else self.dialect.fallback,
            str(message),
            status=int(meta.get("HTTPStatusCode", 400)),
            code=code,
            request_id=request_id,
        )


def unusable(arguments: Json, unfit: Unfit) -> ServiceFailed:
    cause = f"The Parameters '{dumps(arguments)}' could not be used to start the Task: [{unfit}]"
    return ServiceFailed(Failure(RUNTIME, cause))


def find_operation(model: ServiceModel, operation: str) -> OperationModel | None:
    """By its name in any casing."""
    for name in model.operation_names:
        if name.lower() == operation.lower():
            return model.operation_model(name)
    return None


def _error_shape(model: ServiceModel, codes: Collection[str]) -> str | None:
    """The model's name for an error, by its code or by that name."""
    for shape in model.error_shapes:
        if shape.name in codes or shape.metadata.get("error", {}).get("code") in codes:
            return str(shape.name)
    return None


def _no_such_action(client: str, operation: str) -> Failure:
    return Failure(RUNTIME, f"The service '{client}' has no action '{operation}'.")


def metadata(told: Mapping[str, Any]) -> dict[str, Json]:
    """The members that tell of the transport, from boto3's ResponseMetadata."""
    headers = {str(name): str(value) for name, value in told.get("HTTPHeaders", {}).items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": int(told.get("HTTPStatusCode", 200)),
        },
        "SdkResponseMetadata": {"RequestId": str(told.get("RequestId", ""))},
    }
