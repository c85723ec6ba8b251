"""A workflow and the functions that do its work, in one program: `python examples/library/orders.py`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from workflow_manager import Context, TaskFailed, WorkflowManager

DEFINITION = """
name: order
stateMachine:
  StartAt: Price
  States:
    Price:
      Type: Task
      Resource: price
      Retry: [{ErrorEquals: [ConnectionError], IntervalSeconds: 1, MaxAttempts: 3}]
      Catch: [{ErrorEquals: [Shop.Unknown], Next: Refuse}]
      Next: IsLarge
    IsLarge:
      Type: Choice
      Choices: [{Variable: $.total, NumericGreaterThan: 100, Next: Approve}]
      Default: Ship
    Approve: {Type: Pass, Result: boss, ResultPath: $.approvedBy, Next: Ship}
    Ship: {Type: Task, Resource: ship, HeartbeatSeconds: 30, End: true}
    Refuse: {Type: Fail, Error: Shop.Refused, Cause: We do not sell that}
"""

PRICES = {"pencil": 2, "piano": 900}


@dataclass
class Order:
    item: str
    count: int = 1


@dataclass
class Priced:
    item: str
    total: int
    approvedBy: str = ""  # noqa: N815 - as the definition writes it


@dataclass
class Shipment:
    label: str
    attempt: int | None


def price(order: Order) -> Priced:
    if order.item not in PRICES:
        raise TaskFailed("Shop.Unknown", order.item)
    return Priced(order.item, PRICES[order.item] * order.count)


def ship(context: Context, order: Priced) -> Shipment:
    approval = f", approved by {order.approvedBy}" if order.approvedBy else ""
    return Shipment(f"{order.item} for {order.total}{approval}", context.attempt)


def manager(data: str | None = None) -> WorkflowManager:
    """With its data in the folder, or in memory."""
    return WorkflowManager(DEFINITION, {"price": price, "ship": ship}, app="shop", data=data)


if __name__ == "__main__":
    with manager(*sys.argv[1:2]) as running:
        print(running.run("order", Order("pencil", 10), timeout=60))
        print(running.run("order", Order("piano"), timeout=60))
