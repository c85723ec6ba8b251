from __future__ import annotations

import asyncio

import pytest

from workflow_manager.kernel.beside import Beside, is_beside, stand_by


def test_calls_beside_a_loop_wait_at_the_same_time_and_give_their_results() -> None:
    async def play() -> None:
        gates = [asyncio.get_running_loop().create_future() for _ in range(3)]
        beside = Beside()
        calls = [beside.begin(lambda gate=gate: stand_by(gate) + 1) for gate in gates]
        await asyncio.sleep(0)
        for number, gate in reversed(list(enumerate(gates))):
            gate.set_result(number)
        assert await asyncio.gather(*calls) == [1, 2, 3]

    asyncio.run(play())


def test_what_is_waited_for_raises_where_it_is_waited_for() -> None:
    async def failing() -> None:
        raise OSError("the disk is full")

    def call() -> str:
        try:
            stand_by(failing())
        except OSError as error:
            return str(error)
        return "nothing was raised"

    async def play() -> None:
        assert await Beside().begin(call) == "the disk is full"

    asyncio.run(play())


def test_what_a_call_raises_is_raised_to_whoever_waits_for_it() -> None:
    def call() -> None:
        stand_by(asyncio.sleep(0))
        raise LookupError("gone")

    async def play() -> None:
        with pytest.raises(LookupError, match="gone"):
            await Beside().begin(call)

    asyncio.run(play())


def test_only_code_in_a_call_is_beside_the_loop() -> None:
    async def play() -> None:
        assert await Beside().begin(is_beside)
        assert not is_beside()

    assert not is_beside()
    asyncio.run(play())


def test_a_call_goes_on_when_whoever_waits_for_it_goes_away() -> None:
    done: list[str] = []

    async def play() -> None:
        gate = asyncio.get_running_loop().create_future()
        beside = Beside()

        def call() -> None:
            stand_by(gate)
            done.append("finished")

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await asyncio.shield(beside.begin(call))
        gate.set_result(None)
        await beside.finish()

    asyncio.run(play())
    assert done == ["finished"]
