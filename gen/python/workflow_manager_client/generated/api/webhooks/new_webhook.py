from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.webhook import Webhook
from ...models.webhook_request import WebhookRequest
from ...types import Response


def _get_kwargs(
    *,
    body: WebhookRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/webhooks",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | InternalError | Webhook:
    if response.status_code == 201:
        response_201 = Webhook.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = BadRequest.from_dict(response.json())

        return response_400

    if response.status_code == 500:
        response_500 = InternalError.from_dict(response.json())

        return response_500

    response_default = BadRequest.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BadRequest | InternalError | Webhook]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: WebhookRequest,
) -> Response[BadRequest | InternalError | Webhook]:
    """Create a webhook

     Every end from now on that it wants is told to it: at least once, always with the same `webhook-id`,
    signed as Standard Webhooks says. The answer holds its secret, which is not shown again.

    Args:
        body (WebhookRequest): Of what is given besides the address, all must hold for an end to
            be told

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | Webhook]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: WebhookRequest,
) -> BadRequest | InternalError | Webhook | None:
    """Create a webhook

     Every end from now on that it wants is told to it: at least once, always with the same `webhook-id`,
    signed as Standard Webhooks says. The answer holds its secret, which is not shown again.

    Args:
        body (WebhookRequest): Of what is given besides the address, all must hold for an end to
            be told

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | Webhook
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: WebhookRequest,
) -> Response[BadRequest | InternalError | Webhook]:
    """Create a webhook

     Every end from now on that it wants is told to it: at least once, always with the same `webhook-id`,
    signed as Standard Webhooks says. The answer holds its secret, which is not shown again.

    Args:
        body (WebhookRequest): Of what is given besides the address, all must hold for an end to
            be told

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | Webhook]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: WebhookRequest,
) -> BadRequest | InternalError | Webhook | None:
    """Create a webhook

     Every end from now on that it wants is told to it: at least once, always with the same `webhook-id`,
    signed as Standard Webhooks says. The answer holds its secret, which is not shown again.

    Args:
        body (WebhookRequest): Of what is given besides the address, all must hold for an end to
            be told

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | Webhook
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
