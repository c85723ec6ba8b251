"""Where `swagger.yml` is, what it says, and which of its operations are Connexion's to serve.

Those marked `x-served-in-front` are not: an event stream, a probe or a page of meters is no JSON
answer of a handler with its time limit and its thread.
"""

from __future__ import annotations

import json
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


@cache
def spec_json() -> str:
    """The same as JSON, which is read many times faster."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.dumps(yaml.load(spec_text(), Loader=loader))


def load_spec() -> dict[str, Any]:
    """A fresh copy of the specification, for the caller to keep."""
    spec: dict[str, Any] = json.loads(spec_json())
    return spec


def rest_spec() -> dict[str, Any]:
    """The specification without what is served in front of Connexion."""
    spec = load_spec()
    for item in spec["paths"].values():
        for method in [name for name, operation in item.items() if _is_served_in_front(operation)]:
            del item[method]
    spec["paths"] = {path: item for path, item in spec["paths"].items() if item.keys() - {"parameters"}}
    return spec


def _is_served_in_front(operation: Any) -> bool:
    return isinstance(operation, dict) and bool(operation.get("x-served-in-front"))
