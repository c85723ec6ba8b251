from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.backfill import Backfill
from ...models.backfill_request import BackfillRequest
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...types import Response


def _get_kwargs(
    name: str,
    *,
    body: BackfillRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/schedules/{name}/backfill".format(
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Backfill | BadRequest | InternalError | NotFound:
    if response.status_code == 200:
        response_200 = Backfill.from_dict(response.json())

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
) -> Response[Backfill | BadRequest | InternalError | NotFound]:
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
    body: BackfillRequest,
) -> Response[Backfill | BadRequest | InternalError | NotFound]:
    """Submit the times of a range in the past

     Both ends are in it. At most 1000 times at once. A time that was submitted before is not submitted
    a second time.

    Args:
        name (str):
        body (BackfillRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Backfill | BadRequest | InternalError | NotFound]
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
    body: BackfillRequest,
) -> Backfill | BadRequest | InternalError | NotFound | None:
    """Submit the times of a range in the past

     Both ends are in it. At most 1000 times at once. A time that was submitted before is not submitted
    a second time.

    Args:
        name (str):
        body (BackfillRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Backfill | BadRequest | InternalError | NotFound
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
    body: BackfillRequest,
) -> Response[Backfill | BadRequest | InternalError | NotFound]:
    """Submit the times of a range in the past

     Both ends are in it. At most 1000 times at once. A time that was submitted before is not submitted
    a second time.

    Args:
        name (str):
        body (BackfillRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Backfill | BadRequest | InternalError | NotFound]
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
    body: BackfillRequest,
) -> Backfill | BadRequest | InternalError | NotFound | None:
    """Submit the times of a range in the past

     Both ends are in it. At most 1000 times at once. A time that was submitted before is not submitted
    a second time.

    Args:
        name (str):
        body (BackfillRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Backfill | BadRequest | InternalError | NotFound
    """

    return (
        await asyncio_detailed(
            name=name,
            client=client,
            body=body,
        )
    ).parsed
