from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.not_found import NotFound
from ...types import UNSET, Response, Unset


def _get_kwargs(
    workflow_id: str,
    *,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/workflows/{workflow_id}/events".format(
            workflow_id=quote(str(workflow_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | BadRequest | NotFound | str:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

    if response.status_code == 400:
        response_400 = BadRequest.from_dict(response.json())

        return response_400

    if response.status_code == 404:
        response_404 = NotFound.from_dict(response.json())

        return response_404

    response_default = BadRequest.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | BadRequest | NotFound | str]:
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
    last_event_id: str | Unset = UNSET,
) -> Response[Any | BadRequest | NotFound | str]:
    """A workflow's history as it grows

     Server-sent events. Each event of the execution's history is one named `history`, whose data is a
    `HistoryEvent` and whose id is the number in the history. When the execution has ended, one named
    `end` follows, whose data is a `WorkflowSummary`, and the stream is over. Nothing is lost, however
    long a reader with a `Last-Event-ID` was away. A silent stream carries a comment every 15 seconds.

    Args:
        workflow_id (str):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | BadRequest | NotFound | str]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    last_event_id: str | Unset = UNSET,
) -> Any | BadRequest | NotFound | str | None:
    """A workflow's history as it grows

     Server-sent events. Each event of the execution's history is one named `history`, whose data is a
    `HistoryEvent` and whose id is the number in the history. When the execution has ended, one named
    `end` follows, whose data is a `WorkflowSummary`, and the stream is over. Nothing is lost, however
    long a reader with a `Last-Event-ID` was away. A silent stream carries a comment every 15 seconds.

    Args:
        workflow_id (str):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | BadRequest | NotFound | str
    """

    return sync_detailed(
        workflow_id=workflow_id,
        client=client,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    last_event_id: str | Unset = UNSET,
) -> Response[Any | BadRequest | NotFound | str]:
    """A workflow's history as it grows

     Server-sent events. Each event of the execution's history is one named `history`, whose data is a
    `HistoryEvent` and whose id is the number in the history. When the execution has ended, one named
    `end` follows, whose data is a `WorkflowSummary`, and the stream is over. Nothing is lost, however
    long a reader with a `Last-Event-ID` was away. A silent stream carries a comment every 15 seconds.

    Args:
        workflow_id (str):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | BadRequest | NotFound | str]
    """

    kwargs = _get_kwargs(
        workflow_id=workflow_id,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    workflow_id: str,
    *,
    client: AuthenticatedClient | Client,
    last_event_id: str | Unset = UNSET,
) -> Any | BadRequest | NotFound | str | None:
    """A workflow's history as it grows

     Server-sent events. Each event of the execution's history is one named `history`, whose data is a
    `HistoryEvent` and whose id is the number in the history. When the execution has ended, one named
    `end` follows, whose data is a `WorkflowSummary`, and the stream is over. Nothing is lost, however
    long a reader with a `Last-Event-ID` was away. A silent stream carries a comment every 15 seconds.

    Args:
        workflow_id (str):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | BadRequest | NotFound | str
    """

    return (
        await asyncio_detailed(
            workflow_id=workflow_id,
            client=client,
            last_event_id=last_event_id,
        )
    ).parsed
