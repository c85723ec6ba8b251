"""State machines drawn: nothing lies on anything else, and every arrow comes from and leads to its box."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from click import unstyle

from tests.cli.conftest import Wfm
from workflow_manager.cli.drawing.layout import PlacedBox, Sheet, layout
from workflow_manager.cli.drawing.mermaid import draw_mermaid
from workflow_manager.cli.drawing.model import chart_of, condition
from workflow_manager.cli.drawing.svg import draw_svg
from workflow_manager.cli.drawing.text import draw
from workflow_manager.cli.graph import outcomes


def machine(seed: int, depth: int = 0) -> Any:
    """Any machine: targets anywhere, back to itself too, containers inside containers."""
    random = Random(f"{seed} {depth}")
    names = [f"S{depth}{seed}{number}" for number in range(random.randint(1, 7))]
    states: dict[str, Any] = {}
    for name in names:
        kind = random.choice(["Task", "Choice", "Wait", "Succeed", "Map", "Parallel", "Fail"])
        state: dict[str, Any] = {"Type": kind}
        if kind == "Choice":
            state["Choices"] = [
                {"Variable": "$.a", "StringEquals": "x" * random.randint(0, 40), "Next": random.choice(names)}
                for _ in range(random.randint(1, 4))
            ]
            state["Default"] = random.choice(names)
        else:
            state["Next"] = random.choice(names)
        if kind == "Task" and random.random() < 0.4:
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": random.choice(names)}]
        if depth < 2 and kind == "Map":
            state["ItemProcessor"] = machine(seed * 7 + 1, depth + 1)
        if depth < 2 and kind == "Parallel":
            state["Branches"] = [
                machine(seed * 5 + branch, depth + 1) for branch in range(random.randint(1, 3))
            ]
        states[name] = state
    return {"StartAt": names[0], "States": states}


def sheets(sheet: Sheet) -> Iterator[Sheet]:
    yield sheet
    for box in sheet.boxes:
        for inner in box.inside:
            yield from sheets(inner)


def overlap(a: PlacedBox, b: PlacedBox) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@pytest.mark.parametrize("seed", range(60))
def test_nothing_lies_on_anything_else(seed: int) -> None:
    for sheet in sheets(layout(chart_of(machine(seed)))):
        for number, box in enumerate(sheet.boxes):
            assert not any(overlap(box, other) for other in sheet.boxes[number + 1 :])
            for inner in box.inside:
                for each in inner.boxes:
                    assert box.x < each.x
                    assert each.x + each.width < box.x + box.width
                    assert each.y + each.height < box.y + box.height
        boxes = {box.box.name: box for box in sheet.boxes}
        for arrow in sheet.arrows:
            for (x, y), (to_x, to_y) in zip(arrow.points, arrow.points[1:], strict=False):
                assert x == to_x or y == to_y
                for box in sheet.boxes:
                    is_beside = max(x, to_x) < box.x or min(x, to_x) >= box.x + box.width
                    assert is_beside or max(y, to_y) < box.y or min(y, to_y) >= box.y + box.height
            for end, name in ((arrow.points[0], arrow.arrow.source), (arrow.points[-1], arrow.arrow.target)):
                box = boxes[name]
                assert box.x <= end[0] < box.x + box.width
                assert end[1] in (box.y - 1, box.y + box.height)


@pytest.mark.parametrize("seed", range(20))
def test_every_state_is_in_every_drawing(seed: int) -> None:
    chart = chart_of(machine(seed))
    svg = draw_svg(chart, "t")
    ET.fromstring(svg)
    for drawing in (draw(chart), svg, draw_mermaid(chart)):
        assert all(name in drawing for name in chart.boxes)


def test_a_drawing_shows_outcomes_conditions_and_ways_back() -> None:
    drawn = unstyle(
        draw(
            chart_of(
                {
                    "StartAt": "Ask",
                    "States": {
                        "Ask": {"Type": "Task", "Resource": "ask", "Next": "Ready"},
                        "Ready": {
                            "Type": "Choice",
                            "Choices": [{"Variable": "$.ok", "BooleanEquals": True, "Next": "Done"}],
                            "Default": "Ask",
                        },
                        "Done": {"Type": "Succeed"},
                    },
                },
                {"Ask": ("succeeded", "2 of 2 succeeded"), "Ready": ("succeeded", "")},
            )
        )
    )
    assert "✓ Ask" in drawn
    assert "✓ Ready" in drawn, "its box is as narrow as its name"
    assert "│ 2 of 2 succeeded" in drawn
    assert "otherwise" in drawn
    assert "▲" in drawn
    assert "$.ok = true" in drawn


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ({"Variable": "$.a", "NumericGreaterThanEquals": 3}, "$.a ≥ 3"),
        ({"Variable": "$.a", "StringLessThanPath": "$.b"}, "$.a < $.b"),
        ({"Variable": "$.a", "IsPresent": False}, "$.a is not present"),
        ({"Not": {"Variable": "$.a", "StringMatches": "x*"}}, "not $.a matches x*"),
        (
            {"Or": [{"Variable": "$.a", "BooleanEquals": True}, {"Variable": "$.b", "IsNull": True}]},
            "$.a = true or $.b is null",
        ),
        ({"Condition": "{% $states.input.n > 3 %}"}, "$states.input.n > 3"),
    ],
)
def test_a_rule_is_written_as_people_would(rule: Any, shown: str) -> None:
    assert condition({**rule, "Next": "X"}) == shown


@pytest.mark.parametrize(
    "document",
    [None, {}, {"States": 3}, {"States": {"A": 1}}, {"States": {"A": {"Choices": [1], "Catch": {}}}}],
)
def test_a_document_that_is_no_machine_draws_what_there_is(document: Any) -> None:
    draw(chart_of(document))
    draw_svg(chart_of(document))


def test_markup_in_names_stays_text() -> None:
    chart = chart_of({"StartAt": '<b>\x01"&', "States": {'<b>\x01"&': {"Type": "Pass"}}})
    assert r'<b>\x01"&' in "".join(ET.fromstring(draw_svg(chart, "</title>")).itertext())
    assert "#lt;b#gt;" in draw_mermaid(chart)


def test_all_visits_of_a_state_are_one_outcome() -> None:
    def job(status: str, **more: Any) -> Any:
        return {"state": "A", "status": status, "attempts": [], **more}

    assert outcomes([job("succeeded"), job("failed", attempts=[{}])])["A"] == (
        "failed",
        "1 of 2 succeeded, 1 retry",
    )
    items = {"total": 9, "succeeded": 4, "failed": 0, "running": 2}
    assert outcomes([job("running", mapItems=items)])["A"] == ("running", "4/9 items")
    ended = {"total": 1, "succeeded": 1, "failed": 0, "running": 0}
    both = [job("running", mapItems=items), job("succeeded", mapItems=ended)]
    assert outcomes(both)["A"] == ("running", "5/10 items")


def test_a_run_and_its_definition_are_drawn(wfm: Wfm, name: str, text: str, tmp_path: Any) -> None:
    file = tmp_path / "hello.yml"
    file.write_text(text)
    wfm("definitions", "apply", str(file))
    assert wfm("graph", name).out == wfm("graph", str(file), server="http://127.0.0.1:1").out
    wfm("submit", name, '{"do":"fail"}', "--follow")
    workflow_id = wfm("workflows", name, "-q").out.strip()
    assert "✗ Broken" in wfm("graph", "--workflow-id", workflow_id).out
    assert "#ffebe9" in wfm("graph", "--workflow-id", workflow_id, "-f", "svg").out
    assert wfm("graph").code == 2
    assert wfm("graph", "nope").err == "Error: there is no definition nope\n"
