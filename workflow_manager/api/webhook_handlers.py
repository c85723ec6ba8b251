"""Handlers for webhooks and their deliveries, and how both look over REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from workflow_manager.api.answer import Answer, json_answer
from workflow_manager.api.codec import write_time
from workflow_manager.models.webhook import Delivery, DeliveryStatus, Filter, Webhook
from workflow_manager.webhooks.messages import message_type
from workflow_manager.webhooks.service import Webhooks

Body: TypeAlias = Mapping[str, Any]


class WebhookHandlers:
    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def table(self) -> Mapping[str, Callable[..., Answer]]:
        """By operationId."""
        return {
            "getWebhooks": self.list,
            "newWebhook": self.create,
            "getWebhook": self.get,
            "updateWebhook": self.update,
            "deleteWebhook": self.delete,
            "enableWebhook": self.enable,
            "disableWebhook": self.disable,
            "getWebhookDeliveries": self.deliveries,
            "redeliverWebhookDelivery": self.redeliver,
        }

    def list(self) -> Answer:
        return json_answer([write_webhook(each) for each in self._webhooks.list()])

    def create(self, body: Body) -> Answer:
        made = self._webhooks.create(body["url"], read_filter(body), **_texts(body))
        # Only here: whoever made it has to know it, and nobody else.
        return json_answer(write_webhook(made) | {"secret": made.secret}, 201)

    def get(self, webhook_id: str) -> Answer:
        return json_answer(write_webhook(self._webhooks.get(webhook_id)))

    def update(self, webhook_id: str, body: Body) -> Answer:
        changed = self._webhooks.update(webhook_id, body["url"], read_filter(body), **_texts(body))
        return json_answer(write_webhook(changed))

    def delete(self, webhook_id: str) -> Answer:
        self._webhooks.delete(webhook_id)
        return Answer(200)

    def enable(self, webhook_id: str) -> Answer:
        return json_answer(write_webhook(self._webhooks.enable(webhook_id)))

    def disable(self, webhook_id: str, body: Body) -> Answer:
        return json_answer(write_webhook(self._webhooks.disable(webhook_id, body.get("reason", ""))))

    def deliveries(self, webhook_id: str, status: str | None, limit: int, page_token: str | None) -> Answer:
        page = self._webhooks.deliveries(
            webhook_id,
            limit=limit,
            status=DeliveryStatus(status) if status else None,
            beyond=page_token or None,
        )
        headers = {}
        if page.next_id is not None:
            query = {"limit": limit, "pageToken": page.next_id, **({"status": status} if status else {})}
            headers["X-Next-Page-Path"] = (
                f"/webhooks/{quote(webhook_id, safe='')}/deliveries?{urlencode(query)}"
            )
        return json_answer([write_delivery(each) for each in page.deliveries], headers=headers)

    def redeliver(self, webhook_id: str, delivery_id: str) -> Answer:
        return json_answer(write_delivery(self._webhooks.redeliver(webhook_id, delivery_id)))


def _texts(body: Body) -> dict[str, str]:
    return {"secret": body.get("secret", ""), "description": body.get("description", "")}


def read_filter(body: Body) -> Filter:
    return Filter(
        statuses=tuple(dict.fromkeys(body.get("statuses") or ())),
        definition=body.get("workflowDefinitionName", ""),
        namespace=body.get("namespace", ""),
        tags=dict(body.get("tags") or {}),
    )


def write_webhook(webhook: Webhook) -> dict[str, Any]:
    """Without its secret."""
    shown: dict[str, Any] = {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "workflowDefinitionName": webhook.filter.definition,
        "namespace": webhook.filter.namespace,
        "tags": webhook.filter.tags,
        "disabled": bool(webhook.disabled),
        "disabledReason": webhook.disabled,
    }
    return {name: value for name, value in shown.items() if value} | {
        "statuses": webhook.filter.statuses,
        "createdAt": write_time(webhook.created_at),
        "updatedAt": write_time(webhook.updated_at),
        "failingSince": write_time(webhook.failing_since),
    }


def write_delivery(delivery: Delivery) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "attempts": delivery.attempts,
        "lastStatus": delivery.last_status,
        "lastError": delivery.last_error,
    }
    return {name: value for name, value in shown.items() if value} | {
        "id": delivery.id,
        "messageID": delivery.message_id,
        "type": message_type(delivery.end),
        "workflowID": delivery.end.workflow_id,
        "status": delivery.status.value,
        "createdAt": write_time(delivery.created_at),
        "lastAttemptAt": write_time(delivery.last_attempt_at),
    }
