"""The sync and the async Python client behind one way of calling, so that one suite tests both."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from workflow_manager_client import AsyncWorkflowManager, WorkflowManager


class Caller:
    """`caller.method(…)` as on the client, waited for; an iterator becomes a list."""

    def __init__(self, client: WorkflowManager | AsyncWorkflowManager, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            answer = getattr(self._client, name)(*args, **named)
            if inspect.isawaitable(answer):
                return self._runner.run(_wait(answer))
            if inspect.isasyncgen(answer):
                return self._runner.run(_collect(answer))
            return list(answer) if inspect.isgenerator(answer) else answer

        return call


async def _wait(answer: Any) -> Any:
    return await answer


async def _collect(answers: Any) -> list[Any]:
    return [answer async for answer in answers]
