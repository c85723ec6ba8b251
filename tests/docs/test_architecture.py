"""ARCHITECTURE.md knows every room of the package."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_room_has_a_row() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = [
        f"{each.name}/" if each.is_dir() else each.name
        for each in sorted((ROOT / "workflow_manager").iterdir())
        if not each.name.startswith("__")
    ]
    assert [room for room in rooms if f"| `{room}` |" not in text] == []
