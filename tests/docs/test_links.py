"""Links between pages lead somewhere, and every page is one that the site can show."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("gen/*/README.md")])

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^()\s]*)\)")
HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Of its headings, as sites and repositories' browsers make them."""
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(prose(page))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"there is no {link}"
        assert not anchor or anchor in anchors(target), f"there is no heading for {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_it_has_one_title(page: Path) -> None:
    text = prose(page)
    assert text.startswith("# "), "its first line is its title, and its name in the navigation"
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


def test_every_page_is_on_a_shelf_of_the_navigation() -> None:
    """conf.py itself is for Sphinx, which is not needed here."""
    conf = ast.parse((ROOT / "docs/conf.py").read_text())
    [shelves] = [
        ast.literal_eval(each.value)
        for each in conf.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "SHELVES"
    ]
    listed = {page for pages in shelves.values() for page in pages} | {"index"}
    for page in PAGES:
        name = os.path.relpath(page.with_suffix(""), ROOT / "docs")
        assert name in listed or f"{Path(name).parent}/*" in listed, f"add {name} to SHELVES in docs/conf.py"
    for name in listed - {"index"}:
        assert list((ROOT / "docs").glob(f"{name}.md")), f"take {name} out of SHELVES in docs/conf.py"


def test_decisions_are_numbered_once_each() -> None:
    numbers = [int(page.name[:4]) for page in sorted(ROOT.glob("docs/decisions/*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, page in enumerate(sorted(ROOT.glob("docs/decisions/*.md")), 1):
        assert page.read_text().startswith(f"# {number}. "), page.name
