from __future__ import annotations

from workflow_manager.kernel.tally import Distribution, Tally


def test_a_value_counts_where_it_is_at_most_the_bound() -> None:
    found = Distribution((1, 10))
    for value in (0, 1, 1.5, 10, 11):
        found.add(value)
    assert found.counts() == ((2, 2, 1), 23.5)


def test_what_is_known_is_there_before_it_happens() -> None:
    tally = Tally(("a",), ("b",))
    tally.add("b")
    tally.add("c")
    assert tally.counts() == {("a",): 0, ("b",): 1, ("c",): 1}
