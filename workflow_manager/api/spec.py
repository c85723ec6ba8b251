"""Where `swagger.yml` is, and what it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

# In a wheel it lies beside this module; in a checkout, at the top.
_PLACES = (Path(__file__).with_name("swagger.yml"), Path(__file__).parents[2] / "swagger.yml")


@cache
def spec_text() -> str:
    """`swagger.yml` as it is written."""
    for place in _PLACES:
        if place.exists():
            return place.read_text(encoding="utf-8")
    raise FileNotFoundError("swagger.yml is not part of this installation")


def load_spec() -> dict[str, Any]:
    """A fresh copy of the specification, for the caller to keep."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    spec: dict[str, Any] = yaml.load(spec_text(), Loader=loader)
    return spec
