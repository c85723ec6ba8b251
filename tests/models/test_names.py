"""Names on Step Functions."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.names import (
    MachineKey,
    Naming,
    check_fits,
    may_be_workflow,
    parse_machine_name,
    workflow_id_of,
)

KEY = MachineKey("production", "cil-reliability-dashboard:sfn", 3, "cil")
NAMING = Naming(region="us-west-2", account="589690932525")


def test_a_machine_is_named_for_what_it_runs() -> None:
    assert KEY.name == "production--cil-reliability-dashboard-sfn--3--cil"


def test_every_bad_character_becomes_a_dash() -> None:
    bad = ' <>{}[]?*"#%\\^|~`$&,;:/'
    assert len(bad) == 23
    assert MachineKey("n", bad, 0, "s").name == f"n--{'-' * 23}--0--s"
    assert MachineKey("n", "ok_.é'()!@+=", 0, "s").name == "n--ok_.é'()!@+=--0--s"


@pytest.mark.parametrize("length", [1, 69, 70, 71, 72, 200])
def test_a_long_name_is_cut_to_fit_and_stays_its_own(length: int) -> None:
    one, other = (MachineKey("n", "x" * length + end, 0, "s") for end in "ab")
    assert len(one.name) <= 80
    assert one.name != other.name
    assert one.name == MachineKey("n", "x" * length + "a", 0, "s").name
    if len("n--") + length + 1 + len("--0--s") <= 80:
        assert one.name == one.full_name


def test_names_that_look_alike_have_distinct_names() -> None:
    keys = [MachineKey("n", "a:b", 0, "s"), MachineKey("n", "a-b", 0, "s"), MachineKey("n", "a b", 0, "s")]
    assert len({key.name for key in keys}) == 1
    assert len({key.distinct_name for key in keys}) == 3
    assert all(len(key.distinct_name) <= 80 for key in keys)


def test_parts_that_hold_the_separator_have_distinct_names() -> None:
    one, other = MachineKey("n--a", "b", 0, "s"), MachineKey("n", "a--b", 0, "s")
    assert one.name == other.name
    assert one.distinct_name != other.distinct_name


@pytest.mark.parametrize("key", [MachineKey("ns", "wf", 12, "start"), MachineKey("", "wf", 0, "s")])
def test_a_name_that_was_not_changed_can_be_read_back(key: MachineKey) -> None:
    assert parse_machine_name(key.name) == key


def test_blanks_and_control_characters_are_no_part_of_a_machines_name() -> None:
    assert MachineKey("a\tb", "c\nd\x1be", 0, "s\x7f\u2003").name == "a-b--c-d-e--0--s--"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a--b--3", "expected four parts in sm name: a--b--3"),
        ("a--b--c--3--s", "expected four parts in sm name: a--b--c--3--s"),
        ("a--b--x--s", "sm version 'x' not an int: "),
        ("a--b--²--s", "sm version '²' not an int: "),
    ],
)
def test_a_name_that_is_not_ours_is_refused(name: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        parse_machine_name(name)


def test_arns() -> None:
    assert NAMING.state_machine_arn("m") == "arn:aws:states:us-west-2:589690932525:stateMachine:m"
    assert NAMING.execution_arn("m", "id") == "arn:aws:states:us-west-2:589690932525:execution:m:id"
    assert NAMING.activity_arn("ns", "a b") == "arn:aws:states:us-west-2:589690932525:activity:ns--a b"
    assert NAMING.function_arn("ns", "f") == "arn:aws:lambda:us-west-2:589690932525:function:ns--f"
    assert NAMING.log_group_arn("/a/b") == "arn:aws:logs:us-west-2:589690932525:log-group:/a/b:*"


@pytest.mark.parametrize(
    ("arn", "id"),
    [
        ("arn:aws:states:us-east-1:1:execution:m:id", "id"),
        ("arn:aws:states:us-east-1:1:stateMachine:m", ""),
        ("arn:aws:states:us-east-1:1:express:m:id:x", ""),
        ("nonsense", ""),
    ],
)
def test_the_workflow_of_an_execution(arn: str, id: str) -> None:
    assert workflow_id_of(arn) == id


def test_a_name_that_no_namespace_leaves_room_for_is_refused() -> None:
    check_fits("x" * 72, 0, "s")
    with pytest.raises(InvalidRequest, match="at most 80 are allowed"):
        check_fits("x" * 73, 0, "s")
    with pytest.raises(InvalidRequest):
        check_fits("x" * 72, 10, "s")


@given(st.builds(MachineKey, st.text(), st.text(min_size=1), st.integers(0, 10**6), st.text(min_size=1)))
@example(MachineKey("-", "-", 0, "-"))
@example(MachineKey("", "n" * 60, 0, "start"))
def test_the_executions_of_every_machine_of_ours_may_be_workflows(key: MachineKey) -> None:
    naming = Naming()
    assert may_be_workflow(naming.execution_arn(key.name, "id"))
    assert may_be_workflow(naming.execution_arn(key.distinct_name, "id"))


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:states:us-east-1:123456789012:execution:orders:id",
        "arn:aws:states:us-east-1:123456789012:execution:team--orders--2:id",
        "arn:aws:states:us-east-1:123456789012:express:a--b--0--s:id:run",
        "",
    ],
)
def test_executions_of_others_are_no_workflows(arn: str) -> None:
    assert not may_be_workflow(arn)
