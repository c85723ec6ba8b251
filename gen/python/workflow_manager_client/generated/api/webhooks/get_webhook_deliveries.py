from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.delivery_status import DeliveryStatus
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.webhook_delivery import WebhookDelivery
from ...types import UNSET, Response, Unset


def _get_kwargs(
    webhook_id: str,
    *,
    status: DeliveryStatus | Unset = UNSET,
    limit: int | Unset = 100,
    page_token: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["limit"] = limit

    params["pageToken"] = page_token

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/webhooks/{webhook_id}/deliveries".format(
            webhook_id=quote(str(webhook_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | InternalError | NotFound | list[WebhookDelivery]:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = WebhookDelivery.from_dict(response_200_item_data)

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
) -> Response[BadRequest | InternalError | NotFound | list[WebhookDelivery]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    webhook_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: DeliveryStatus | Unset = UNSET,
    limit: int | Unset = 100,
    page_token: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[WebhookDelivery]]:
    """What was delivered, what waits, and what was given up, the latest first

     Delivered ones are shown for a week, dead ones for a month.

    Args:
        webhook_id (str):
        status (DeliveryStatus | Unset):
        limit (int | Unset):  Default: 100.
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[WebhookDelivery]]
    """

    kwargs = _get_kwargs(
        webhook_id=webhook_id,
        status=status,
        limit=limit,
        page_token=page_token,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    webhook_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: DeliveryStatus | Unset = UNSET,
    limit: int | Unset = 100,
    page_token: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[WebhookDelivery] | None:
    """What was delivered, what waits, and what was given up, the latest first

     Delivered ones are shown for a week, dead ones for a month.

    Args:
        webhook_id (str):
        status (DeliveryStatus | Unset):
        limit (int | Unset):  Default: 100.
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[WebhookDelivery]
    """

    return sync_detailed(
        webhook_id=webhook_id,
        client=client,
        status=status,
        limit=limit,
        page_token=page_token,
    ).parsed


async def asyncio_detailed(
    webhook_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: DeliveryStatus | Unset = UNSET,
    limit: int | Unset = 100,
    page_token: str | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[WebhookDelivery]]:
    """What was delivered, what waits, and what was given up, the latest first

     Delivered ones are shown for a week, dead ones for a month.

    Args:
        webhook_id (str):
        status (DeliveryStatus | Unset):
        limit (int | Unset):  Default: 100.
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[WebhookDelivery]]
    """

    kwargs = _get_kwargs(
        webhook_id=webhook_id,
        status=status,
        limit=limit,
        page_token=page_token,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    webhook_id: str,
    *,
    client: AuthenticatedClient | Client,
    status: DeliveryStatus | Unset = UNSET,
    limit: int | Unset = 100,
    page_token: str | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[WebhookDelivery] | None:
    """What was delivered, what waits, and what was given up, the latest first

     Delivered ones are shown for a week, dead ones for a month.

    Args:
        webhook_id (str):
        status (DeliveryStatus | Unset):
        limit (int | Unset):  Default: 100.
        page_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[WebhookDelivery]
    """

    return (
        await asyncio_detailed(
            webhook_id=webhook_id,
            client=client,
            status=status,
            limit=limit,
            page_token=page_token,
        )
    ).parsed
