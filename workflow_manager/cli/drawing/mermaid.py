"""A chart in Mermaid's words, for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_manager.cli.drawing.model import Arrow, Box, Chart

_SHAPES: Final = {
    "Choice": ("{", "}"),
    "Wait": ("([", "])"),
    "Succeed": ("((", "))"),
    "Fail": ("((", "))"),
}

_CLASSES: Final = (
    "classDef succeeded fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "classDef failed fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    "classDef running fill:#ddf4ff,stroke:#0969da,color:#1f2328",
    "classDef aborted fill:#fff8c5,stroke:#9a6700,color:#1f2328",
)
_CLASS_OF: Final = {
    **{name: name for name in ("succeeded", "failed", "running")},
    "created": "running",
    "queued": "running",
    "aborted_by_user": "aborted",
    "aborted_deps_failed": "aborted",
}


def draw_mermaid(chart: Chart) -> str:
    writer = _Writer()
    lines = ["flowchart TD", *writer.chart(chart, "  ")]
    if writer.has_statuses:
        lines += [f"  {each}" for each in _CLASSES]
    return "\n".join(lines) + "\n"


class _Writer:
    """Gives every box a name that Mermaid takes."""

    def __init__(self) -> None:
        self._count = 0
        self.has_statuses = False

    def chart(self, chart: Chart, indent: str) -> Iterator[str]:
        names: dict[str, str] = {}
        for name, box in chart.boxes.items():
            self._count += 1
            names[name] = f"s{self._count}"
            yield from self._box(box, names[name], indent)
        for arrow in chart.arrows:
            yield f"{indent}{names[arrow.source]} {_line(arrow)} {names[arrow.target]}"

    def _box(self, box: Box, name: str, indent: str) -> Iterator[str]:
        status = _CLASS_OF.get(box.status, "")
        self.has_statuses = self.has_statuses or bool(status)
        if box.inside:
            yield f'{indent}subgraph {name}["{_text(_title(box))}"]'
            for number, inner in enumerate(box.inside):
                if len(box.inside) > 1:
                    yield f'{indent}  subgraph {name}b{number}[" "]'
                yield from self.chart(inner, indent + ("    " if len(box.inside) > 1 else "  "))
                if len(box.inside) > 1:
                    yield f"{indent}  end"
            yield f"{indent}end"
            if status:
                yield f"{indent}class {name} {status}"
            return
        begin, end = _SHAPES.get(box.type, ("[", "]"))
        yield f'{indent}{name}{begin}"{_text(_title(box))}"{end}{f":::{status}" if status else ""}'


def _title(box: Box) -> str:
    return "\n".join((box.name, *box.lines))


def _line(arrow: Arrow) -> str:
    line = "-.->" if arrow.kind == "catch" else "-->"
    return f'{line}|"{_text(arrow.label)}"|' if arrow.label else line


def _text(text: str) -> str:
    """Quoted as Mermaid wants it: with entities."""
    special = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": "<br/>", "`": "#96;"}
    return "".join(special.get(sign, sign) for sign in text)
