from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.workflow import Workflow
from ...models.workflow_definition_overrides import WorkflowDefinitionOverrides
from ...types import Response


def _get_kwargs(
    workflow_id: str,
    *,
    body: WorkflowDefinitionOverrides,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/workflows/{workflow_id}".format(
            workflow_id=quote(str(workflow_id), safe=""),
        ),
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
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: WorkflowDefinitionOverrides,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """Resume an ended workflow

     Starts a new workflow at one of the states of an ended one, with the input that state had. Only
    what can be reached from there is run. The new workflow's `retryFor` is the old one's id, and
    the old one lists the new one in `retries`.

    Args:
        workflow_id (str):
        body (WorkflowDefinitionOverrides):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: WorkflowDefinitionOverrides,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """Resume an ended workflow

     Starts a new workflow at one of the states of an ended one, with the input that state had. Only
    what can be reached from there is run. The new workflow's `retryFor` is the old one's id, and
    the old one lists the new one in `retries`.

    Args:
        workflow_id (str):
        body (WorkflowDefinitionOverrides):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | Workflow
    """

    return sync_detailed(
        workflow_id=workflow_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: WorkflowDefinitionOverrides,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """Resume an ended workflow

     Starts a new workflow at one of the states of an ended one, with the input that state had. Only
    what can be reached from there is run. The new workflow's `retryFor` is the old one's id, and
    the old one lists the new one in `retries`.

    Args:
        workflow_id (str):
        body (WorkflowDefinitionOverrides):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: WorkflowDefinitionOverrides,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """Resume an ended workflow

     Starts a new workflow at one of the states of an ended one, with the input that state had. Only
    what can be reached from there is run. The new workflow's `retryFor` is the old one's id, and
    the old one lists the new one in `retries`.

    Args:
        workflow_id (str):
        body (WorkflowDefinitionOverrides):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | Workflow
    """

    return (
        await asyncio_detailed(
            workflow_id=workflow_id,
            client=client,
            body=body,
        )
    ).parsed
