from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.conflict import Conflict
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.schedule import Schedule
from ...models.schedule_request import ScheduleRequest
from ...types import Response


def _get_kwargs(
    name: str,
    *,
    body: ScheduleRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/schedules/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | Conflict | InternalError | NotFound | Schedule:
    if response.status_code == 200:
        response_200 = Schedule.from_dict(response.json())

        return response_200

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
) -> Response[BadRequest | Conflict | InternalError | NotFound | Schedule]:
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
    body: ScheduleRequest,
) -> Response[BadRequest | Conflict | InternalError | NotFound | Schedule]:
    """Create a schedule, or change it

     The whole of it is given. What had come by now under the old one is still submitted, once. Without
    `paused` it stays as it is, paused or not.

    Args:
        name (str):
        body (ScheduleRequest): Either `cron` or `everySeconds`

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | Conflict | InternalError | NotFound | Schedule]
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
    body: ScheduleRequest,
) -> BadRequest | Conflict | InternalError | NotFound | Schedule | None:
    """Create a schedule, or change it

     The whole of it is given. What had come by now under the old one is still submitted, once. Without
    `paused` it stays as it is, paused or not.

    Args:
        name (str):
        body (ScheduleRequest): Either `cron` or `everySeconds`

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | Conflict | InternalError | NotFound | Schedule
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
    body: ScheduleRequest,
) -> Response[BadRequest | Conflict | InternalError | NotFound | Schedule]:
    """Create a schedule, or change it

     The whole of it is given. What had come by now under the old one is still submitted, once. Without
    `paused` it stays as it is, paused or not.

    Args:
        name (str):
        body (ScheduleRequest): Either `cron` or `everySeconds`

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | Conflict | InternalError | NotFound | Schedule]
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
    body: ScheduleRequest,
) -> BadRequest | Conflict | InternalError | NotFound | Schedule | None:
    """Create a schedule, or change it

     The whole of it is given. What had come by now under the old one is still submitted, once. Without
    `paused` it stays as it is, paused or not.

    Args:
        name (str):
        body (ScheduleRequest): Either `cron` or `everySeconds`

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | Conflict | InternalError | NotFound | Schedule
    """

    return (
        await asyncio_detailed(
            name=name,
            client=client,
            body=body,
        )
    ).parsed
