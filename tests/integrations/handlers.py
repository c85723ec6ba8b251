"""Functions as users write them."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

NUMBER = 1


class Refused(Exception):
    pass


def greet(event: Any, context: Any) -> Any:
    has_time = 0 < context.get_remaining_time_in_millis() <= 30_000
    return {"hello": event["name"], "function": context.function_name, "has_time": has_time}


def double(event: Any) -> Any:
    return event * 2


async def later(event: Any, context: Any) -> Any:
    await asyncio.sleep(0)
    return event


class Nested:
    @staticmethod
    def handler(event: Any, _context: Any) -> Any:
        return f"nested {event}"


def nothing(event: Any, context: Any) -> None:
    pass


def fail(event: Any, context: Any) -> None:
    raise Refused(event)


def leave(event: Any, context: Any) -> None:
    sys.exit(7)


def unshowable(event: Any, context: Any) -> Any:
    return {"value": object()}


def sleep(event: Any, context: Any) -> None:
    time.sleep(1)
