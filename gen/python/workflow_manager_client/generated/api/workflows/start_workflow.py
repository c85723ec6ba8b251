from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.start_workflow_request import StartWorkflowRequest
from ...models.workflow import Workflow
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: StartWorkflowRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/workflows",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | InternalError | NotFound | Workflow:
    if response.status_code == 200:
        response_200 = Workflow.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequest.from_dict(response.json())

        return response_400

    if response.status_code == 404:
        response_404 = NotFound.from_dict(response.json())

        return response_404

    if response.status_code == 500:
        response_500 = InternalError.from_dict(response.json())

        return response_500

    response_default = BadRequest.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: StartWorkflowRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """Start a workflow

     Runs a version of a definition on an input. Each call starts a new workflow, unless it carries an
    `Idempotency-Key` that was used before. When it is answered, the workflow is stored and its
    execution has started.

    Args:
        idempotency_key (str | Unset):
        body (StartWorkflowRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: StartWorkflowRequest,
    idempotency_key: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """Start a workflow

     Runs a version of a definition on an input. Each call starts a new workflow, unless it carries an
    `Idempotency-Key` that was used before. When it is answered, the workflow is stored and its
    execution has started.

    Args:
        idempotency_key (str | Unset):
        body (StartWorkflowRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | Workflow
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: StartWorkflowRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """Start a workflow

     Runs a version of a definition on an input. Each call starts a new workflow, unless it carries an
    `Idempotency-Key` that was used before. When it is answered, the workflow is stored and its
    execution has started.

    Args:
        idempotency_key (str | Unset):
        body (StartWorkflowRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: StartWorkflowRequest,
    idempotency_key: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """Start a workflow

     Runs a version of a definition on an input. Each call starts a new workflow, unless it carries an
    `Idempotency-Key` that was used before. When it is answered, the workflow is stored and its
    execution has started.

    Args:
        idempotency_key (str | Unset):
        body (StartWorkflowRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | Workflow
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
