from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.conflict import Conflict
from ...models.internal_error import InternalError
from ...models.new_workflow_definition_request import NewWorkflowDefinitionRequest
from ...models.not_found import NotFound
from ...models.workflow_definition import WorkflowDefinition
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    body: NewWorkflowDefinitionRequest | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/workflow-definitions/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition:
    if response.status_code == 201:
        response_201 = WorkflowDefinition.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = BadRequest.from_dict(response.json())

        return response_400

    if response.status_code == 404:
        response_404 = NotFound.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Conflict.from_dict(response.json())

        return response_409

    if response.status_code == 500:
        response_500 = InternalError.from_dict(response.json())

        return response_500

    response_default = BadRequest.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewWorkflowDefinitionRequest | Unset = UNSET,
) -> Response[BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition]:
    """Add a version to a definition

     Makes the next version; nothing is inherited from the one before. The name in the body has to
    be the one in the path. An identical state machine makes a new version too.

    Args:
        name (str):
        body (NewWorkflowDefinitionRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition]
    """

    kwargs = _get_kwargs(
        name=name,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    name: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewWorkflowDefinitionRequest | Unset = UNSET,
) -> BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition | None:
    """Add a version to a definition

     Makes the next version; nothing is inherited from the one before. The name in the body has to
    be the one in the path. An identical state machine makes a new version too.

    Args:
        name (str):
        body (NewWorkflowDefinitionRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition
    """

    return sync_detailed(
        name=name,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    name: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewWorkflowDefinitionRequest | Unset = UNSET,
) -> Response[BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition]:
    """Add a version to a definition

     Makes the next version; nothing is inherited from the one before. The name in the body has to
    be the one in the path. An identical state machine makes a new version too.

    Args:
        name (str):
        body (NewWorkflowDefinitionRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition]
    """

    kwargs = _get_kwargs(
        name=name,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    name: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewWorkflowDefinitionRequest | Unset = UNSET,
) -> BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition | None:
    """Add a version to a definition

     Makes the next version; nothing is inherited from the one before. The name in the body has to
    be the one in the path. An identical state machine makes a new version too.

    Args:
        name (str):
        body (NewWorkflowDefinitionRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | Conflict | InternalError | NotFound | WorkflowDefinition
    """

    return (
        await asyncio_detailed(
            name=name,
            client=client,
            body=body,
        )
    ).parsed
