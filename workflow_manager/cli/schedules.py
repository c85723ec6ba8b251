"""`wfm schedules`: times at which a definition is started."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import (
    Moment,
    namespace_option,
    parse_reference,
    parse_tags,
    read_input,
    with_output,
    with_server,
)
from workflow_manager.cli.output import (
    clip,
    coloured,
    local_time,
    show,
    show_deleted,
    show_rows,
    show_table,
    show_yaml,
)

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

OVERLAPS: Final = ("allow", "skip", "bufferOne", "queue", "cancelRunning")
CATCH_UPS: Final = ("none", "latest", "all")

# What a file may hold, and `show` prints so that it can be applied again.
MEMBERS: Final = (
    *("name", "description", "cron", "everySeconds", "timeZone", "startAt", "endAt", "jitterSeconds"),
    *("overlap", "catchUp", "catchUpLimit", "workflowDefinition", "input", "namespace", "queue", "tags"),
    "paused",
)

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Span(click.ParamType[Any]):
    """A number of seconds, or of minutes, hours or days: 90, 15m, 6h, 1d."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,9})([smhd]?)", str(value), re.ASCII)
        if found is None:
            self.fail(f"{value!r} is not a span such as 90s, 15m, 6h or 1d", param, ctx)
        return int(found[1]) * _UNITS[found[2] or "s"]


@click.group()
def schedules() -> None:
    """Times at which a definition is started.

    \b
    Examples:
      wfm schedules create nightly report --cron "30 2 * * mon-fri" --time-zone Europe/Berlin
      wfm schedules create poll check --every 15m --overlap skip
      wfm schedules apply schedules.yml
      wfm schedules next nightly
      wfm schedules backfill nightly --from 2026-01-01 --to 2026-01-31
    """


@schedules.command("list")
@with_output
@with_server
def list_schedules(output: str, server: Server) -> None:
    """Every schedule, and when it fires next."""
    found = [each for page, _ in server.pages("/schedules", {"limit": 100}) for each in page]
    show_rows(
        output,
        found,
        ("NAME", "TIMES", "DEFINITION", "NEXT", "LAST", "STATE"),
        [_row(each) for each in found],
        spare=("LAST", "TIMES"),
        names=[each["name"] for each in found],
        none="There are no schedules yet. Make one with `wfm schedules create`.",
    )


def _row(schedule: Any) -> tuple[str, ...]:
    runs = schedule.get("runs") or [{}]
    state = "paused" if schedule.get("paused") else "active"
    if schedule.get("lastError"):
        state = "error"
    return (
        schedule["name"],
        _times(schedule),
        _reference(schedule),
        local_time(schedule.get("nextAt")),
        str(runs[0].get("outcome", "-")),
        state,
    )


def _times(schedule: Any) -> str:
    if schedule.get("everySeconds"):
        return f"every {_span(schedule['everySeconds'])}"
    zone = schedule.get("timeZone", "UTC")
    return f"{schedule.get('cron', '')} {zone}"


def _span(seconds: int) -> str:
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _reference(schedule: Any) -> str:
    definition = schedule["workflowDefinition"]
    version = definition.get("version")
    return f"{definition['name']}@{'latest' if version is None else version}"


@schedules.command("show")
@click.argument("name", shell_complete=completion.schedules)
@with_output
@with_server
def show_schedule(name: str, output: str, server: Server) -> None:
    """Show one schedule.

    As YAML that can be applied again, and what became of its latest times."""
    found = _get(server, name)
    show(output, found, text=lambda: _tell(found), names=[found["name"]])


def _get(server: Server, name: str) -> Any:
    from workflow_manager.cli.http import path

    return server.get(path("schedules", name), kind="schedule")


def _tell(schedule: Any) -> None:
    changed = local_time(schedule.get("updatedAt"))
    click.echo(f"# version {schedule['version']}, changed {changed}")
    for note in ("pauseReason", "lastError"):
        if schedule.get(note):
            click.echo(f"# {note}: {schedule[note]}")
    show_yaml({member: schedule[member] for member in MEMBERS if member in schedule})
    click.echo(f"\nnext: {local_time(schedule.get('nextAt'))}, waiting: {schedule.get('waiting', 0)}")
    rows = [
        (local_time(run["at"]), run["outcome"], run.get("workflowID", "-"), run.get("reason", ""))
        for run in schedule["runs"]
    ]
    if rows:
        click.echo()
        show_table(("TIME", "OUTCOME", "WORKFLOW", "WHY"), clip(rows))


@schedules.command()
@click.argument("name")
@click.argument("definition", metavar="DEFINITION[@VERSION]", shell_complete=completion.definitions)
@click.option("--cron", metavar="LINE", help="Minute, hour, day, month, weekday; or @daily and the like.")
@click.option("--every", type=Span(), metavar="SPAN", help="Such as 90s, 15m, 6h, 1d; instead of --cron.")
@click.option("--time-zone", metavar="ZONE", help="Such as Europe/Berlin.  [default: UTC]")
@click.option("--start", "start_at", type=Moment(), metavar="TIME", help="No time before it counts.")
@click.option("--end", "end_at", type=Moment(), metavar="TIME", help="No time after it counts.")
@click.option("--jitter", type=Span(), metavar="SPAN", help="Fire later by a part of this; at most 1h.")
@click.option("--overlap", type=click.Choice(OVERLAPS), help="While one is running.  [default: skip]")
@click.option("--catch-up", type=click.Choice(CATCH_UPS), help="For what was missed.  [default: latest]")
@click.option("--catch-up-limit", type=click.IntRange(1, 1000), help="With all.  [default: 100]")
@click.option("--input", "input_text", metavar="INPUT", help="JSON; @FILE reads a file, - stdin.")
@namespace_option
@click.option("--queue", metavar="QUEUE", help="As with submit.")
@click.option("--tag", "tags", metavar="K=V", multiple=True, help="May be given several times.")
@click.option("--description", metavar="TEXT", help="For people.")
@click.option("--paused", is_flag=True, help="Fire only after `wfm schedules resume`.")
@with_output
@with_server
def create(
    name: str,
    definition: str,
    input_text: str | None,
    tags: tuple[str, ...],
    paused: bool,
    output: str,
    server: Server,
    **plan: Any,
) -> None:
    """Make a schedule.

    Without a version it starts the latest at each time.

    \b
    Examples:
      wfm schedules create nightly report --cron "30 2 * * *" --time-zone Europe/Berlin
      wfm schedules create poll check --every 15m --jitter 1m --overlap queue
      wfm schedules create once-more report@3 --cron @monthly --input '{"full": true}'
    """
    if bool(plan["cron"]) == (plan["every"] is not None):
        raise click.UsageError("give one of --cron and --every")
    wanted, version = parse_reference(definition)
    body = {
        "name": name,
        "cron": plan["cron"],
        "everySeconds": plan["every"],
        "timeZone": plan["time_zone"],
        "startAt": plan["start_at"],
        "endAt": plan["end_at"],
        "jitterSeconds": plan["jitter"],
        "overlap": plan["overlap"],
        "catchUp": plan["catch_up"],
        "catchUpLimit": plan["catch_up_limit"],
        "workflowDefinition": {"name": wanted, "version": version},
        "input": read_input(input_text),
        "namespace": plan["namespace"],
        "queue": plan["queue"],
        "tags": parse_tags(tags),
        "description": plan["description"],
        "paused": paused,
    }
    made = server.send("POST", "/schedules", body, kind="definition")
    show(output, made, text=lambda: _told("created", made), names=[made["name"]])


@schedules.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completion.files)
@namespace_option
@with_output
@with_server
def apply(files: tuple[str, ...], namespace: str, output: str, server: Server) -> None:
    """Store the schedules in these files; `-` is stdin.

    A file is JSON or YAML and holds one schedule or many, as `wfm schedules show` prints them. One that
    names no namespace is for --namespace.
    """
    given = [schedule for file in files for schedule in _read_file(file)]
    results = [_apply(server, {"namespace": namespace, **schedule}) for schedule in given]
    show(
        output,
        [{"name": each["name"], "result": result, "version": each["version"]} for result, each in results],
        text=lambda: _tell_applied(results),
        names=[each["name"] for _, each in results],
    )


def _tell_applied(results: Sequence[tuple[str, Any]]) -> None:
    for result, schedule in results:
        _told(result, schedule)


def _read_file(file: str) -> Sequence[dict[str, Any]]:
    """All files are read before anything is stored."""
    from workflow_manager.library.documents import read_values

    try:
        with click.open_file(file, encoding="utf-8") as opened:
            values = read_values(file, opened.read())
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: not UTF-8: {error}", param_hint="FILE") from error
    items = [item for value in values for item in (value if isinstance(value, list) else [value]) if item]
    if not items:
        raise click.BadParameter(f"{file}: there is no schedule in it", param_hint="FILE")
    return [_checked(file, item) for item in items]


def _checked(file: str, item: Any) -> dict[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise click.BadParameter(f"{file}: a schedule is an object with a name", param_hint="FILE")
    unknown = sorted(map(str, set(item) - set(MEMBERS)))
    if unknown:
        known = ", ".join(MEMBERS)
        raise click.BadParameter(
            f"{file}: {', '.join(unknown)} is not known; there are {known}", param_hint="FILE"
        )
    return item


def _apply(server: Server, schedule: dict[str, Any]) -> tuple[str, Any]:
    from workflow_manager.cli.http import path
    from workflow_manager.kernel.errors import NotFound

    try:
        before = _get(server, schedule["name"])
    except NotFound:
        before = None
    stored = server.send("PUT", path("schedules", schedule["name"]), schedule, kind="definition")
    if before is None or before["id"] != stored["id"]:
        return "created", stored
    is_same = all(before.get(each) == stored.get(each) for each in ("version", "paused"))
    return ("unchanged" if is_same else "updated"), stored


@schedules.command()
@click.argument("name", shell_complete=completion.schedules)
@click.option("--reason", metavar="TEXT", default="", help="Shown with the schedule.")
@with_output
@with_server
def pause(name: str, reason: str, output: str, server: Server) -> None:
    """Fire no more until it is resumed.

    What waits already is still started."""
    _post(server, output, name, "pause", "paused", {"reason": reason})


@schedules.command()
@click.argument("name", shell_complete=completion.schedules)
@with_output
@with_server
def resume(name: str, output: str, server: Server) -> None:
    """Go on with the next time.

    Those that came meanwhile are not made up for."""
    _post(server, output, name, "resume", "resumed", None)


def _post(server: Server, output: str, name: str, verb: str, word: str, body: Any) -> None:
    from workflow_manager.cli.http import path

    stored = server.send("POST", path("schedules", name, verb), body, kind="schedule")
    show(output, stored, text=lambda: _told(word, stored), names=[stored["name"]])


@schedules.command()
@click.argument("name", shell_complete=completion.schedules)
@with_output
@with_server
def delete(name: str, output: str, server: Server) -> None:
    """Delete it; what it has started goes on."""
    from workflow_manager.cli.http import path

    server.send("DELETE", path("schedules", name), kind="schedule")
    show_deleted(output, "name", name)


@schedules.command()
@click.argument("name", shell_complete=completion.schedules)
@click.option("--from", "start_at", type=Moment(), metavar="TIME", required=True, help="The first time.")
@click.option("--to", "end_at", type=Moment(), metavar="TIME", required=True, help="The last; not to come.")
@click.option(
    "--overlap", type=click.Choice(OVERLAPS), default="queue", show_default=True, help="Among them."
)
@with_output
@with_server
def backfill(name: str, start_at: str, end_at: str, overlap: str, output: str, server: Server) -> None:
    """Start what would have been started in the past.

    Between two times, both included; what was started then is not again.
    """
    from workflow_manager.cli.http import path
    from workflow_manager.kernel.errors import InvalidRequest

    body = {"startAt": start_at, "endAt": end_at, "overlap": overlap}
    try:
        done = server.send("POST", path("schedules", name, "backfill"), body, kind="schedule")
    except InvalidRequest as error:
        message = str(error).replace("startAt", "--from").replace("endAt", "--to")
        raise click.UsageError(message) from error
    count = done["times"]
    show(
        output,
        done,
        text=lambda: click.echo(f"{name}  {count} {'time' if count == 1 else 'times'} to start"),
        names=[name],
    )


@schedules.command("next")
@click.argument("name", shell_complete=completion.schedules)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@with_output
@with_server
def next_times(name: str, limit: int, output: str, server: Server) -> None:
    """When it fires next, in this machine's time zone."""
    from workflow_manager.cli.http import path

    times = server.get(path("schedules", name, "next"), {"limit": limit}, kind="schedule")["times"]
    show(output, times, text=lambda: _tell_times(times), names=times)


def _tell_times(times: Sequence[str]) -> None:
    for at in times:
        click.echo(local_time(at))
    if not times:
        click.echo("never", err=True)


def _told(word: str, schedule: Any) -> None:
    state = "paused" if schedule.get("paused") else f"next {local_time(schedule.get('nextAt'))}"
    click.echo(f"{schedule['name']}  {coloured(word)}  version {schedule['version']}, {state}")
