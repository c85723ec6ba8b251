"""`wfm diff`: what changed between two definitions, state by state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import show

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
_MACHINES = ("Branches", "ItemProcessor", "Iterator", "States")


@click.command()
@click.argument("old", metavar="NAME[@VERSION]|FILE", shell_complete=completion.files_or_definitions)
@click.argument(
    "new", required=False, metavar="[NAME[@VERSION]|FILE]", shell_complete=completion.files_or_definitions
)
@click.option("--exit-code", "tells_by_code", is_flag=True, help="Exit with 1 if anything differs.")
@click.option("--meaning", "by_meaning", is_flag=True, help="Only what makes them run differently.")
@with_output
@with_server
def diff(
    old: str, new: str | None, tells_by_code: bool, by_meaning: bool, output: str, server: Server
) -> int:
    """Show what changed between two definitions.

    State by state.

    With one NAME, its latest version is compared with the one before; with one NAME@VERSION, that with the
    latest; with one FILE, what is stored under its name with the file.

    With --meaning both are compared as they run: with their defaults left out, old names of fields made
    new, short resource names made ARNs, and the comments of rules, retriers and catchers gone.

    \b
    Examples:
      wfm diff hello
      wfm diff hello@2
      wfm diff hello@2 hello@5
      wfm diff hello.yml            what `definitions apply` would change
      wfm diff hello.yml --meaning  the same, without what only looks different

    \b
    Exit codes:
      0  compared; with --exit-code, nothing differs
      1  with --exit-code, something differs
    """
    before, after = _pair(server, old, new)
    if by_meaning:
        before, after = ({**each, "stateMachine": _meaning(each)} for each in (before, after))
    found = compare(before, after)
    show(
        output,
        found,
        text=lambda: tell_changes(f"{_reference(before)} → {_reference(after)}", found),
        names=list(dict.fromkeys(each["state"] or "." for each in found)),
    )
    return 1 if tells_by_code and found else 0


def _pair(server: Server, old: str, new: str | None) -> tuple[Any, Any]:
    from workflow_manager.cli.definitions import fetch, read_source

    first = read_source(server, old)
    if new is not None:
        return first, read_source(server, new)
    if "version" not in first:  # a file
        return fetch(server, first["name"]), first
    latest = fetch(server, first["name"])
    if "@" in old and not old.endswith("@latest"):
        return first, latest
    if not latest["version"]:
        raise click.UsageError(f"{first['name']} has only one version: there is nothing to compare it with")
    return fetch(server, f"{first['name']}@{latest['version'] - 1}"), latest


def compare(before: Any, after: Any) -> list[dict[str, Any]]:
    """What differs between two definitions; a manager that the new one leaves open stays."""
    found = list(changes(before["stateMachine"], after["stateMachine"]))
    found += fields(
        "", before.get("defaultTags") or {}, after.get("defaultTags") or {}, prefix="defaultTags."
    )
    if "manager" in after:
        found += fields("", {"manager": before.get("manager") or ""}, {"manager": after["manager"]})
    return found


def _meaning(definition: Any) -> Any:
    from workflow_manager.executor.definitions import meaning
    from workflow_manager.models.names import Naming

    return meaning(definition["stateMachine"], Naming())


def changes(before: Any, after: Any, place: str = "") -> Iterator[dict[str, Any]]:
    """What differs in a machine and in those inside; `state` is the way to it, such as Each/Check."""
    yield from fields(place, _own(before), _own(after))
    old, new = _states(before), _states(after)
    for name in [*new, *(each for each in old if each not in new)]:
        where = f"{place}/{name}".lstrip("/")
        if name not in old:
            yield {"state": where, "change": "added", "after": new[name]}
        elif name not in new:
            yield {"state": where, "change": "removed", "before": old[name]}
        else:
            yield from fields(where, _own(old[name]), _own(new[name]))
            yield from _inside(old[name], new[name], where)


def _inside(before: Any, after: Any, where: str) -> Iterator[dict[str, Any]]:
    """Branches are compared by their number."""
    old, new = _machines(before), _machines(after)
    for number in range(max(len(old), len(new))):
        name = f"{where}/branch {number}" if max(len(old), len(new)) > 1 else where
        if number >= len(old):
            yield {"state": name, "change": "added", "after": new[number]}
        elif number >= len(new):
            yield {"state": name, "change": "removed", "before": old[number]}
        else:
            yield from changes(old[number], new[number], name)


def fields(where: str, before: Any, after: Any, prefix: str = "") -> list[dict[str, Any]]:
    """The single fields that differ."""
    names = [*after, *(each for each in before if each not in after)]
    found = []
    for name in names:
        # As text: in Python 1 == True, in JSON not.
        if name in before and name in after and _text(before[name]) == _text(after[name]):
            continue
        change = {"state": where, "change": "changed", "field": prefix + name}
        change |= {key: value[name] for key, value in (("before", before), ("after", after)) if name in value}
        found.append(change)
    return found


def _own(state: Any) -> dict[str, Any]:
    """Without the machines inside, but with what else a Map says of its processor."""
    if not isinstance(state, dict):
        return {"": state}
    return {name: value for name, value in state.items() if name not in _MACHINES}


def _states(machine: Any) -> dict[str, Any]:
    states = machine.get("States") if isinstance(machine, dict) else None
    return states if isinstance(states, dict) else {}


def _machines(state: Any) -> list[Any]:
    if not isinstance(state, dict):
        return []
    inner = [*(state.get("Branches") or ()), state.get("ItemProcessor") or state.get("Iterator")]
    return [each for each in inner if isinstance(each, dict)]


def _text(value: object) -> str:
    import json

    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def tell_changes(title: str, found: list[dict[str, Any]], *, err: bool = False) -> None:
    def tell(line: str, colour: str | None = None) -> None:
        click.echo(click.style(line, fg=colour), err=err)

    tell(title)
    if not found:
        tell("Nothing differs.")
    last = None
    for each in found:
        mark, colour = _MARKS[each["change"]]
        if "field" not in each:
            kind = each.get("after", each.get("before"))
            kind = kind.get("Type", "") if isinstance(kind, dict) else ""
            tell(f"{mark} {each['state']}  {kind}".rstrip(), colour)
        else:
            if each["state"] != last:
                tell(f"{mark} {each['state'] or '(the machine itself)'}", colour)
            for key, sign, paint in (("before", "-", "red"), ("after", "+", "green")):
                if key in each:
                    tell(f"    {sign} {each['field']}: {_text(each[key])}", paint)
        last = each["state"] if "field" in each else None


def _reference(definition: Any) -> str:
    version = definition.get("version")
    return str(definition["name"]) + ("" if version is None else f"@{version}")
