"""One heap of timers against the plainest table of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_manager.engine.timers import SLACK, Timers

owners = st.tuples(st.integers(0, 5), st.sampled_from(["", "0", "0.1"]))
steps = st.one_of(
    st.tuples(st.just("set"), owners, st.integers(0, 20)),
    st.tuples(st.just("clear"), owners, st.just(0)),
    st.tuples(st.just("pop"), st.just((0, "")), st.integers(0, 20)),
)


@given(st.lists(steps, max_size=60))
def test_timers_are_a_table_that_gives_the_earliest_first(
    script: list[tuple[str, tuple[int, str], int]],
) -> None:
    timers: Timers[tuple[int, str]] = Timers()
    table: dict[tuple[int, str], float] = {}
    for action, owner, number in script:
        if action == "set":
            timers.set(owner, number)
            table[owner] = number
        elif action == "clear":
            timers.clear(owner)
            table.pop(owner, None)
        else:
            due = [timer for timer in table if table[timer] <= number]
            popped = timers.pop_due(number, 100)
            assert [table[timer] for timer in popped] == sorted(table[timer] for timer in due)
            assert set(popped) == set(due)
            for timer in due:
                del table[timer]
        assert len(timers) == len(table)
        assert timers.next_due() == min(table.values(), default=None)


def test_no_more_are_popped_than_asked_for() -> None:
    timers: Timers[tuple[int, str]] = Timers()
    for number in range(10):
        timers.set((number, ""), number)
    assert timers.pop_due(100, 3) == [(0, ""), (1, ""), (2, "")]
    assert len(timers) == 7


def test_timers_that_were_cleared_take_no_memory() -> None:
    timers: Timers[tuple[int, str]] = Timers()
    for number in range(10 * SLACK):
        timers.set((number, ""), 1e9)
        timers.clear((number, ""))
    assert len(timers._heap) <= SLACK
