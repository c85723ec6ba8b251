"""Jobs as the lines of a tree: what is folded away, and what is worth seeing when not all of it fits.

What has succeeded is one line, whatever it is made of; so is an item of a Map or a branch that has not
begun.  What runs, waits or has failed is shown down to its single jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from workflow_manager.cli.letters import cells, plain
from workflow_manager.cli.output import headline, parse_time, span

SIGNS: Final[Mapping[str, str]] = {
    "created": "○",
    "queued": "○",
    "waiting_for_deps": "○",
    "running": "●",
    "succeeded": "✓",
    "failed": "✗",
    "aborted_by_user": "⊘",
    "aborted_deps_failed": "⊘",
}

_ALIVE: Final = frozenset({"created", "queued", "waiting_for_deps", "running"})

# Of many items of a Map at once, nobody reads more.
_MOST_ITEMS: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line.  `lead` is the lines of the tree before it; a row without a status counts folded ones."""

    lead: str
    name: str
    status: str
    took: str = ""
    note: str = ""
    progress: tuple[int, int] | None = None  # done, of how many


@dataclass(slots=True)
class Node:
    """A job, an item of a Map or a branch of a Parallel, with what is inside."""

    name: str
    job: Any = None
    inside: list[Node] = field(default_factory=list)

    @property
    def status(self) -> str:
        """A group's is that of what is worst in it."""
        if self.job is not None:
            return str(self.job.get("status", ""))
        statuses = [each.status for each in self.inside]
        last = statuses[-1] if statuses else ""
        return next((each for each in statuses if each in _ALIVE), last)

    @property
    def began_at(self) -> datetime | None:
        if self.job is not None:
            return parse_time(self.job.get("startedAt")) or parse_time(self.job.get("createdAt"))
        return self.inside[0].began_at if self.inside else None

    def took(self, now: datetime) -> str:
        if self.job is not None:
            began_at, ended_at = parse_time(self.job.get("startedAt")), parse_time(self.job.get("stoppedAt"))
        else:
            began_at, ended_at = self.began_at, None
            if self.status not in _ALIVE:
                ended_at = max(filter(None, (_ended(each) for each in self.inside)), default=None)
        if ended_at is None and self.status == "running":
            ended_at = now
        return span(began_at, ended_at)


def _ended(node: Node) -> datetime | None:
    if node.job is not None:
        return parse_time(node.job.get("stoppedAt"))
    return max(filter(None, (_ended(each) for each in node.inside)), default=None)


def tree_of(jobs: Sequence[Any]) -> list[Node]:
    """The jobs of the machine itself; inside of those, items and branches, inside of these, jobs."""
    top: list[Node] = []
    nodes: dict[str, Node] = {}
    groups: dict[tuple[str, str], Node] = {}
    for job in jobs:
        node = Node(str(job.get("state", "")), job)
        around = nodes.get(job.get("parent", ""))
        nodes[job.get("id", "")] = node
        if around is None:
            top.append(node)
            continue
        name = _group_name(job)
        if not name:
            around.inside.append(node)
            continue
        key = (job["parent"], name)
        if key not in groups:
            groups[key] = Node(name)
            around.inside.append(groups[key])
        groups[key].inside.append(node)
    for node in nodes.values():
        node.inside.sort(key=_number)
    return top


def _group_name(job: Any) -> str:
    if job.get("mapIndex") is not None:
        return f"[{job['mapIndex']}]"
    return f"branch {job['branch']}" if job.get("branch") is not None else ""


def _number(node: Node) -> int:
    return int("".join(sign for sign in node.name if sign.isdigit()) or 0) if node.job is None else 0


def rows(jobs: Sequence[Any], now: datetime, height: int | None = None) -> list[Row]:
    """The lines, at most `height` of them.

    What runs in an item is folded first, then what succeeded before is counted, then the end is cut.
    """
    tree = tree_of(jobs)
    found = _rows(tree, now, "", is_top=True)
    if height is None or len(found) <= height:
        return found
    return _fitted(_rows(tree, now, "", is_top=True, is_tight=True), max(3, height))


def _rows(
    nodes: Sequence[Node], now: datetime, lead: str, *, is_top: bool = False, is_tight: bool = False
) -> list[Row]:
    shown, folded = (nodes, "") if is_top else _worth_seeing(nodes)
    found: list[Row] = []
    for place, node in enumerate(shown):
        is_last = place == len(shown) - 1 and not folded
        here = "" if is_top else lead + ("└ " if is_last else "├ ")
        below = "" if is_top else lead + ("  " if is_last else "│ ")
        found.append(_row(node, now, here))
        is_closed = is_tight and node.job is None and node.status in _ALIVE
        if node.status not in ("succeeded", "") and not is_closed:
            found += _rows(_opened(node), now, below, is_tight=is_tight)
    if folded:
        found.append(Row(f"{lead}└ ", folded, ""))
    return found


def _opened(node: Node) -> Sequence[Node]:
    """What is inside; the only job of a group is told in the group's own line."""
    if node.job is None and len(node.inside) == 1:
        return node.inside[0].inside
    return node.inside


def _worth_seeing(nodes: Sequence[Node]) -> tuple[Sequence[Node], str]:
    """Items that have ended well are counted by their Map; of the others a few are enough."""
    if not nodes or nodes[0].job is not None or not nodes[0].name.startswith("["):
        return nodes, ""
    unwell = [node for node in nodes if node.status != "succeeded"]
    # Those that failed first, then those that run longest.
    unwell.sort(key=lambda node: node.status in _ALIVE)
    hidden = len(unwell) - _MOST_ITEMS
    if hidden <= 0:
        return unwell, ""
    return unwell[:_MOST_ITEMS], f"… and {hidden} more"


def _row(node: Node, now: datetime, lead: str) -> Row:
    job, name = node.job, node.name
    if job is None and len(node.inside) == 1:
        job = node.inside[0].job
        name = f"{node.name} {node.inside[0].name}"
    elif job is None:
        current = next((each for each in node.inside if each.status in _ALIVE), node.inside[-1])
        if node.status != "succeeded":
            name = f"{node.name} at {current.name}"
    items = (job or {}).get("mapItems")
    return Row(
        lead=lead,
        name=plain(name),
        status=node.status,
        took=node.took(now),
        note=_note(job, items, is_folded=node.status == "succeeded") if job else "",
        progress=(items["succeeded"] + items["failed"], items["total"]) if items else None,
    )


def _note(job: Any, items: Any, *, is_folded: bool) -> str:
    notes = []
    attempts = len(job.get("attempts") or [])
    if attempts:
        notes.append(f"attempt {attempts + 1}")
    if items:
        if not is_folded:
            notes += [f"{items[each]} {each}" for each in ("running", "failed") if items[each]]
        return ", ".join(notes)
    status = job.get("status", "")
    if status == "running" and job.get("container"):
        notes.append(f"by {job['container']}")
    reason = job.get("statusReason") or ""
    if attempts and not reason:
        reason = job["attempts"][-1].get("reason") or ""
        notes += [f"before: {headline(reason)}"] if reason and status in _ALIVE else []
    elif reason:
        notes.append(headline(reason))
    return ", ".join(notes)


def _fitted(found: Sequence[Row], height: int) -> list[Row]:
    if len(found) <= height:
        return list(found)
    kept = list(found)
    ended = 0
    while len(kept) > height - 1 and kept and kept[0].status == "succeeded":
        kept.pop(0)
        ended += 1
    head = [Row("", f"… {_count(ended, 'earlier job')}", "succeeded")] if ended else []
    room = height - len(head)
    if len(kept) <= room:
        return head + kept
    hidden = len(kept) - (room - 1)
    return [*head, *kept[: room - 1], Row("", f"… {_count(hidden, 'line')} more", "")]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def widest(found: Iterable[Row]) -> int:
    return max((len(row.lead) + cells(row.name) for row in found), default=0)
