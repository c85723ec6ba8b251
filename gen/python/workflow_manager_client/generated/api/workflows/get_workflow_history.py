from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.history_event import HistoryEvent
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...types import UNSET, Response, Unset


def _get_kwargs(
    workflow_id: str,
    *,
    limit: int | Unset = 100,
    newest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["newestFirst"] = newest_first

    params["pageToken"] = page_token

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/workflows/{workflow_id}/history".format(
            workflow_id=quote(str(workflow_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | InternalError | NotFound | list[HistoryEvent]:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = HistoryEvent.from_dict(response_200_item_data)

            response_200.append(response_200_item)

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
) -> Response[BadRequest | InternalError | NotFound | list[HistoryEvent]]:
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
    limit: int | Unset = 100,
    newest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[HistoryEvent]]:
    """What happened in a workflow's execution

     The events of its execution as Step Functions tells them. When there are more, the header
    `X-Next-Page-Path` holds the path and query of the next page.

    Args:
        workflow_id (str):
        limit (int | Unset):  Default: 100.
        newest_first (bool | Unset):
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[HistoryEvent]]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        limit=limit,
        newest_first=newest_first,
        page_token=page_token,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 100,
    newest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[HistoryEvent] | None:
    """What happened in a workflow's execution

     The events of its execution as Step Functions tells them. When there are more, the header
    `X-Next-Page-Path` holds the path and query of the next page.

    Args:
        workflow_id (str):
        limit (int | Unset):  Default: 100.
        newest_first (bool | Unset):
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[HistoryEvent]
    """

    return sync_detailed(
        workflow_id=workflow_id,
        client=client,
        limit=limit,
        newest_first=newest_first,
        page_token=page_token,
    ).parsed


async def asyncio_detailed(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 100,
    newest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[HistoryEvent]]:
    """What happened in a workflow's execution

     The events of its execution as Step Functions tells them. When there are more, the header
    `X-Next-Page-Path` holds the path and query of the next page.

    Args:
        workflow_id (str):
        limit (int | Unset):  Default: 100.
        newest_first (bool | Unset):
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[HistoryEvent]]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        limit=limit,
        newest_first=newest_first,
        page_token=page_token,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 100,
    newest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[HistoryEvent] | None:
    """What happened in a workflow's execution

     The events of its execution as Step Functions tells them. When there are more, the header
    `X-Next-Page-Path` holds the path and query of the next page.

    Args:
        workflow_id (str):
        limit (int | Unset):  Default: 100.
        newest_first (bool | Unset):
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[HistoryEvent]
    """

    return (
        await asyncio_detailed(
            workflow_id=workflow_id,
            client=client,
            limit=limit,
            newest_first=newest_first,
            page_token=page_token,
        )
    ).parsed
