import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.bad_request import BadRequest
from ...models.internal_error import InternalError
from ...models.not_found import NotFound
from ...models.workflow import Workflow
from ...models.workflow_status import WorkflowStatus
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = 10,
    oldest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
    status: WorkflowStatus | Unset = UNSET,
    resolved_by_user: bool | Unset = UNSET,
    summary_only: bool | Unset = False,
    workflow_definition_name: str,
    namespace: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["oldestFirst"] = oldest_first

    params["pageToken"] = page_token

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["resolvedByUser"] = resolved_by_user

    params["summaryOnly"] = summary_only

    params["workflowDefinitionName"] = workflow_definition_name

    params["namespace"] = namespace

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    json_created_after: str | Unset = UNSET
    if not isinstance(created_after, Unset):
        json_created_after = created_after.isoformat()
    params["createdAfter"] = json_created_after

    json_created_before: str | Unset = UNSET
    if not isinstance(created_before, Unset):
        json_created_before = created_before.isoformat()
    params["createdBefore"] = json_created_before

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/workflows",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BadRequest | InternalError | NotFound | list[Workflow]:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = Workflow.from_dict(response_200_item_data)

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
) -> Response[BadRequest | InternalError | NotFound | list[Workflow]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 10,
    oldest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
    status: WorkflowStatus | Unset = UNSET,
    resolved_by_user: bool | Unset = UNSET,
    summary_only: bool | Unset = False,
    workflow_definition_name: str,
    namespace: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[Workflow]]:
    """Find workflows of a definition

     Newest first, unless `oldestFirst`. When there are more, the header `X-Next-Page-Path` holds the
    path and query of the next page; no workflow is lost or repeated while others are being added.
    All filters have to match.

    Args:
        limit (int | Unset):  Default: 10.
        oldest_first (bool | Unset):
        page_token (str | Unset):
        status (WorkflowStatus | Unset):
        resolved_by_user (bool | Unset):
        summary_only (bool | Unset):  Default: False.
        workflow_definition_name (str):
        namespace (str | Unset):
        tag (list[str] | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[Workflow]]
    """

    kwargs = _get_kwargs(
        limit=limit,
        oldest_first=oldest_first,
        page_token=page_token,
        status=status,
        resolved_by_user=resolved_by_user,
        summary_only=summary_only,
        workflow_definition_name=workflow_definition_name,
        namespace=namespace,
        tag=tag,
        created_after=created_after,
        created_before=created_before,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 10,
    oldest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
    status: WorkflowStatus | Unset = UNSET,
    resolved_by_user: bool | Unset = UNSET,
    summary_only: bool | Unset = False,
    workflow_definition_name: str,
    namespace: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[Workflow] | None:
    """Find workflows of a definition

     Newest first, unless `oldestFirst`. When there are more, the header `X-Next-Page-Path` holds the
    path and query of the next page; no workflow is lost or repeated while others are being added.
    All filters have to match.

    Args:
        limit (int | Unset):  Default: 10.
        oldest_first (bool | Unset):
        page_token (str | Unset):
        status (WorkflowStatus | Unset):
        resolved_by_user (bool | Unset):
        summary_only (bool | Unset):  Default: False.
        workflow_definition_name (str):
        namespace (str | Unset):
        tag (list[str] | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[Workflow]
    """

    return sync_detailed(
        client=client,
        limit=limit,
        oldest_first=oldest_first,
        page_token=page_token,
        status=status,
        resolved_by_user=resolved_by_user,
        summary_only=summary_only,
        workflow_definition_name=workflow_definition_name,
        namespace=namespace,
        tag=tag,
        created_after=created_after,
        created_before=created_before,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 10,
    oldest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
    status: WorkflowStatus | Unset = UNSET,
    resolved_by_user: bool | Unset = UNSET,
    summary_only: bool | Unset = False,
    workflow_definition_name: str,
    namespace: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
) -> Response[BadRequest | InternalError | NotFound | list[Workflow]]:
    """Find workflows of a definition

     Newest first, unless `oldestFirst`. When there are more, the header `X-Next-Page-Path` holds the
    path and query of the next page; no workflow is lost or repeated while others are being added.
    All filters have to match.

    Args:
        limit (int | Unset):  Default: 10.
        oldest_first (bool | Unset):
        page_token (str | Unset):
        status (WorkflowStatus | Unset):
        resolved_by_user (bool | Unset):
        summary_only (bool | Unset):  Default: False.
        workflow_definition_name (str):
        namespace (str | Unset):
        tag (list[str] | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadRequest | InternalError | NotFound | list[Workflow]]
    """

    kwargs = _get_kwargs(
        limit=limit,
        oldest_first=oldest_first,
        page_token=page_token,
        status=status,
        resolved_by_user=resolved_by_user,
        summary_only=summary_only,
        workflow_definition_name=workflow_definition_name,
        namespace=namespace,
        tag=tag,
        created_after=created_after,
        created_before=created_before,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 10,
    oldest_first: bool | Unset = UNSET,
    page_token: str | Unset = UNSET,
    status: WorkflowStatus | Unset = UNSET,
    resolved_by_user: bool | Unset = UNSET,
    summary_only: bool | Unset = False,
    workflow_definition_name: str,
    namespace: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
) -> BadRequest | InternalError | NotFound | list[Workflow] | None:
    """Find workflows of a definition

     Newest first, unless `oldestFirst`. When there are more, the header `X-Next-Page-Path` holds the
    path and query of the next page; no workflow is lost or repeated while others are being added.
    All filters have to match.

    Args:
        limit (int | Unset):  Default: 10.
        oldest_first (bool | Unset):
        page_token (str | Unset):
        status (WorkflowStatus | Unset):
        resolved_by_user (bool | Unset):
        summary_only (bool | Unset):  Default: False.
        workflow_definition_name (str):
        namespace (str | Unset):
        tag (list[str] | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadRequest | InternalError | NotFound | list[Workflow]
    """

    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            oldest_first=oldest_first,
            page_token=page_token,
            status=status,
            resolved_by_user=resolved_by_user,
            summary_only=summary_only,
            workflow_definition_name=workflow_definition_name,
            namespace=namespace,
            tag=tag,
            created_after=created_after,
            created_before=created_before,
        )
    ).parsed
