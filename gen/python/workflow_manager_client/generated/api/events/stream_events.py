from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    namespace: str | Unset = UNSET,
    workflow_definition_name: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

    params["namespace"] = namespace

    params["workflowDefinitionName"] = workflow_definition_name

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/events",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> BadRequest | str:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    response_default = BadRequest.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BadRequest | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    namespace: str | Unset = UNSET,
    workflow_definition_name: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[BadRequest | str]:
    """Every change of a workflow's status

     Server-sent events, from now on or from `Last-Event-ID`. Each change is an event named `workflow`,
    whose data is a `WorkflowSummary`. One named `gap` says that changes are missing, and that the list
    has to be read: the server remembers the last 10 000, and none of those before it was started.

    Args:
        namespace (str | Unset):
        workflow_definition_name (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | str]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        workflow_definition_name=workflow_definition_name,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    namespace: str | Unset = UNSET,
    workflow_definition_name: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> BadRequest | str | None:
    """Every change of a workflow's status

     Server-sent events, from now on or from `Last-Event-ID`. Each change is an event named `workflow`,
    whose data is a `WorkflowSummary`. One named `gap` says that changes are missing, and that the list
    has to be read: the server remembers the last 10 000, and none of those before it was started.

    Args:
        namespace (str | Unset):
        workflow_definition_name (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | str
    """

    return sync_detailed(
        client=client,
        namespace=namespace,
        workflow_definition_name=workflow_definition_name,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    namespace: str | Unset = UNSET,
    workflow_definition_name: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[BadRequest | str]:
    """Every change of a workflow's status

     Server-sent events, from now on or from `Last-Event-ID`. Each change is an event named `workflow`,
    whose data is a `WorkflowSummary`. One named `gap` says that changes are missing, and that the list
    has to be read: the server remembers the last 10 000, and none of those before it was started.

    Args:
        namespace (str | Unset):
        workflow_definition_name (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | str]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        workflow_definition_name=workflow_definition_name,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    namespace: str | Unset = UNSET,
    workflow_definition_name: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> BadRequest | str | None:
    """Every change of a workflow's status

     Server-sent events, from now on or from `Last-Event-ID`. Each change is an event named `workflow`,
    whose data is a `WorkflowSummary`. One named `gap` says that changes are missing, and that the list
    has to be read: the server remembers the last 10 000, and none of those before it was started.

    Args:
        namespace (str | Unset):
        workflow_definition_name (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | str
    """

    return (
        await asyncio_detailed(
            client=client,
            namespace=namespace,
            workflow_definition_name=workflow_definition_name,
            last_event_id=last_event_id,
        )
    ).parsed
