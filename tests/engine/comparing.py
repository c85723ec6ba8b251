"""Is a history the recorded one?  The rules are those the recordings came with.

Times are not compared.  JSON text is compared by value.  `${?}` stands for anything, `${?name}`
for the same thing throughout a case.  Events come in recorded order; only where the recorded
history forks, inside Parallel and Map, branches may interleave differently.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from typing import Any

WILDCARD = re.compile(r"\$\{(\?[^{}]*)\}")
ISO8601 = re.compile(
    r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(?:\.\d{1,9})?(?:Z|[+-][01]\d:?(?:[0-5]\d)?)"
)
# Members that came later than some recordings.
LATER = {
    "RedriveCount": "2023-11-15",
    "RedriveDate": "2023-11-15",
    "RedriveStatus": "2023-11-15",
    "RedriveStatusReason": "2023-11-15",
}
JOINS = {
    "ParallelStateSucceeded",
    "ParallelStateFailed",
    "MapStateSucceeded",
    "MapStateFailed",
    "MapIterationStarted",
    "MapIterationAborted",
    "ParallelStateAborted",
    "MapStateAborted",
    "ExecutionFailed",
    "ParallelStateExited",
    "MapStateExited",
}


class Comparison:
    """One case; `bound` is what its named wildcards have turned out to be."""

    def __init__(self, recorded: str) -> None:
        self._later = {name for name, since in LATER.items() if recorded < since}
        self.bound: dict[str, str] = {}

    def histories(self, expected: list[Any], actual: list[Any]) -> list[str]:
        """The differences, empty when there are none."""
        saved = dict(self.bound)
        direct = self.values(expected, actual, "events")
        if not direct or not _forks(expected):
            return direct
        self.bound = saved
        return min(self._unordered(expected, actual), direct, key=len)

    def values(self, e: Any, a: Any, path: str) -> list[str]:
        if isinstance(e, str):
            return [] if self._text(e, a, path) else [f"{path}: expected {e!r:.400}, got {a!r:.400}"]
        if isinstance(a, str):
            with contextlib.suppress(ValueError):
                a = json.loads(a)
        if isinstance(e, dict):
            return self._objects(e, a, path)
        if isinstance(e, list):
            if not isinstance(a, list):
                return [f"{path}: expected a list, got {a!r:.200}"]
            size = [f"{path}: {len(e)} elements expected, got {len(a)}"] if len(e) != len(a) else []
            pairs = enumerate(zip(e, a, strict=False))
            return size + [d for i, (x, y) in pairs for d in self.values(x, y, f"{path}[{i}]")]
        return [] if type(e) is type(a) and e == a else [f"{path}: expected {e!r:.200}, got {a!r:.200}"]

    def _objects(self, e: dict[str, Any], a: Any, path: str) -> list[str]:
        if not isinstance(a, dict):
            return [f"{path}: expected an object, got {a!r:.200}"]
        differences = [f"{path}.{k}: missing" for k in e if k not in a]
        differences += [f"{path}.{k}: not recorded" for k in a if k not in e and k not in self._later]
        return differences + [d for k in e if k in a for d in self.values(e[k], a[k], f"{path}.{k}")]

    def _text(self, e: str, a: Any, path: str) -> bool:
        if e == "${?}" or (e == "timestamp" and "imestamp" in path):
            return True
        if not isinstance(a, str):
            return False
        if self._matches(e, a):
            return True
        try:
            x, y = json.loads(e), json.loads(a)
        except ValueError:
            return False
        return isinstance(x, list | dict) and not self.values(x, y, path)

    def _matches(self, e: str, a: str) -> bool:
        e = WILDCARD.sub(lambda m: self.bound.get(m[1], m[0]), e)
        pieces, names, end = [], [], 0
        for m in WILDCARD.finditer(e):
            pieces.append(re.escape(ISO8601.sub("date", e[end : m.start()])))
            if m[1] in names:
                pieces.append(f"(?P=g{names.index(m[1])})")
            else:
                pieces.append(f"(?P<g{len(names)}>.+?)")
                names.append(m[1])
            end = m.end()
        pieces.append(re.escape(ISO8601.sub("date", e[end:])))
        found = re.fullmatch("".join(pieces), ISO8601.sub("date", a), re.S)
        if found is None:
            return False
        self.bound |= {name: found[f"g{i}"] for i, name in enumerate(names) if name != "?"}
        return True

    def _unordered(self, expected: list[Any], actual: list[Any]) -> list[str]:
        """Each recorded event once, with the same kind of predecessor in its own branch."""
        lost = any(isinstance(event["id"], list) for event in expected)
        if len(expected) > len(actual) or (len(expected) < len(actual) and not lost):
            e, a = (Counter(x["type"] for x in events) for events in (expected, actual))
            return [f"missing {dict(e - a)}, extra {dict(a - e)}"]
        e_parents, a_parents = _parents(expected), _parents(actual)
        left, differences = list(range(len(actual))), []
        for i, event in enumerate(expected):
            for j in left:
                saved = dict(self.bound)
                same = not self.values(_content(event), _content(actual[j]), "event")
                if same and not lost and event["type"] not in JOINS:
                    same = not self.values(_content(e_parents[i]), _content(a_parents[j]), "parent")
                if same:
                    left.remove(j)
                    break
                self.bound = saved
            else:
                differences.append(f"events[{i}] ({event['type']}): no such event")
        extra = [f"not recorded: {actual[j]['type']}" for j in left if actual[j]["type"] not in JOINS]
        return differences + extra


def _content(event: Any) -> dict[str, Any]:
    skipped = ("id", "previousEventId", "timestamp")
    return {key: value for key, value in (event or {}).items() if key not in skipped}


def _parents(events: list[Any]) -> list[Any]:
    by_id = {event["id"]: event for event in events if isinstance(event["id"], int)}
    return [by_id.get(event["previousEventId"]) for event in events]


def _forks(events: list[Any]) -> bool:
    if any(isinstance(event["id"], list) for event in events):
        return True
    if not any(event["type"] in ("ParallelStateStarted", "MapStateStarted") for event in events):
        return False
    seen = Counter(event["previousEventId"] for event in events if event["previousEventId"])
    return any(count > 1 for count in seen.values())
