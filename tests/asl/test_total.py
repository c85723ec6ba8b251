"""Whatever text is given, it compiles and reads, or fails in the way that is written down."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asl.environments import environment
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.intrinsics import InvalidIntrinsic, compile_intrinsic
from workflow_manager.asl.paths import InvalidPath, compile_reference, compile_reference_path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=12,
)
MARKS = "$@.[]()'\"\\*?,:-019abx!<"
STEPS = ["$$", "$v", "..", ".a", ".b", "['a']", "[*]", "[?(@==1)]", "?(", ")]", ".length()", ".sum()"]
FILTERS = [" && ", " || ", "==", " in ", "=~", "/a/", "[1,'a']", "{'a':1}", "null", "true"]
CALLS = [".concat(", "States.Array(", "States.Format(", "States.MathAdd(", "'{}'"]
PIECES = st.sampled_from([*MARKS, *STEPS, *FILTERS, *CALLS])
TEXTS = st.lists(PIECES | st.characters(), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(JSON, TEXTS)
def test_a_path_is_read_or_fails(document: object, text: str) -> None:
    env = environment(document, variables={"v": document})
    with suppress(InvalidPath, EvaluationFailed):
        compile_reference("$" + text).evaluate(env)


@settings(max_examples=300, deadline=None)
@given(JSON, TEXTS)
def test_a_call_is_evaluated_or_fails(document: object, text: str) -> None:
    with suppress(InvalidIntrinsic, EvaluationFailed):
        compile_intrinsic("States.Array(" + text + ")").evaluate(environment(document))


@settings(max_examples=300, deadline=None)
@given(JSON, st.lists(st.sampled_from([".a", ".b", "['x']", "[0]", "[-1]", "[2]"]), max_size=4), JSON)
def test_what_was_written_is_read_again(document: object, steps: list[str], value: object) -> None:
    text = "$" + "".join(steps)
    try:
        written = compile_reference_path(text).write(document, value)  # type: ignore[arg-type]
    except EvaluationFailed:
        return
    assert compile_reference(text).evaluate(environment(written)) == value
