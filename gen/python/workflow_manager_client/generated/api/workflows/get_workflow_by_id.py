from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.workflow import Workflow
from ...types import UNSET, Response, Unset


def _get_kwargs(
    workflow_id: str,
    *,
    fetch_history: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["fetchHistory"] = fetch_history

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/workflows/{workflow_id}".format(
            workflow_id=quote(str(workflow_id), safe=""),
        ),
        "params": params,
    }

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
    fetch_history: bool | Unset = False,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """One workflow

     Its status is brought up to date first, unless it has ended.

    Args:
        workflow_id (str):
        fetch_history (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        fetch_history=fetch_history,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    fetch_history: bool | Unset = False,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """One workflow

     Its status is brought up to date first, unless it has ended.

    Args:
        workflow_id (str):
        fetch_history (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | Workflow
    """

    return sync_detailed(
        workflow_id=workflow_id,
        client=client,
        fetch_history=fetch_history,
    ).parsed


async def asyncio_detailed(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    fetch_history: bool | Unset = False,
) -> Response[BadRequest | InternalError | NotFound | Workflow]:
    """One workflow

     Its status is brought up to date first, unless it has ended.

    Args:
        workflow_id (str):
        fetch_history (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | Workflow]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        fetch_history=fetch_history,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    fetch_history: bool | Unset = False,
) -> BadRequest | InternalError | NotFound | Workflow | None:
    """One workflow

     Its status is brought up to date first, unless it has ended.

    Args:
        workflow_id (str):
        fetch_history (bool | Unset):  Default: False.

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
            fetch_history=fetch_history,
        )
    ).parsed
