"""Profiles: named sets of a server, a key and a namespace, and the one that is in use.

They are in one JSON file below $XDG_CONFIG_HOME, ~/.config if that is not set; only its owner can read
it, for it may hold keys.  An option wins over its variable, and that over the profile.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_output
from workflow_manager.cli.output import show_rows

_FIELDS = ("server", "api_key", "namespace")


@dataclass(frozen=True, slots=True)
class Profile:
    """None for what it does not set."""

    server: str | None = None
    api_key: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    current: str
    named: Mapping[str, Profile]


def file_path() -> str:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "wfm", "profiles.json")


def read_profiles() -> Profiles:
    """None at all where there is no file.  Raises `InvalidRequest` for one that is broken."""
    import json

    from workflow_manager.kernel.errors import InvalidRequest

    place = file_path()
    try:
        with open(place, encoding="utf-8") as file:
            held = json.load(file)
        named = {
            name: Profile(**{key: fields.get(key) for key in _FIELDS})
            for name, fields in held["profiles"].items()
        }
        return Profiles(str(held.get("current") or ""), named)
    except FileNotFoundError:
        return Profiles("", {})
    except OSError as error:
        raise InvalidRequest(f"{place}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"{place} is not a file of profiles: {error}") from error


def write_profiles(profiles: Profiles) -> None:
    import json

    from workflow_manager.kernel.errors import InvalidRequest

    place = file_path()
    text = json.dumps(
        {
            "current": profiles.current,
            "profiles": {
                name: {key: value for key, value in asdict(each).items() if value is not None}
                for name, each in sorted(profiles.named.items())
            },
        },
        indent=2,
        ensure_ascii=False,
    )
    try:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        # All of it or nothing, whatever happens meanwhile.
        beside = f"{place}.{os.getpid()}"
        with open(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text + "\n")
        os.replace(beside, place)
    except OSError as error:
        raise InvalidRequest(f"{place}: {error.strerror}") from error


def named_profile(name: str) -> Profile:
    """Raises `click.UsageError` when there is none of that name."""
    return _named(read_profiles(), name)


def setting(name: str) -> str | None:
    """What the profile in use says; $WFM_PROFILE names another one."""
    profiles = read_profiles()
    chosen = os.environ.get("WFM_PROFILE") or profiles.current
    if not chosen:
        return None
    if chosen not in profiles.named:
        raise click.UsageError(f"there is no profile {chosen}: see `wfm profile list`")
    value: str | None = getattr(profiles.named[chosen], name)
    return value


@click.group()
def profile() -> None:
    """Remember servers by name, with keys and namespaces.

    \b
    Examples:
      wfm profile set staging --server https://wfm.staging:8080 --namespace staging
      wfm profile use staging
      WFM_PROFILE=production wfm workflows

    An option wins over its variable, and that over the profile.
    """


@profile.command("list")
@with_output
def list_profiles(output: str) -> None:
    """Every profile; the one in use has a star."""
    profiles = read_profiles()
    shown = [_shown(name, each, profiles) for name, each in sorted(profiles.named.items())]
    rows = [
        (
            "*" if each["current"] else " ",
            each["name"],
            each["server"] or "-",
            each["namespace"] or "-",
            each["apiKey"] or "-",
        )
        for each in shown
    ]
    show_rows(
        output,
        shown,
        (" ", "NAME", "SERVER", "NAMESPACE", "KEY"),
        rows,
        names=[each["name"] for each in shown],
        none="There are no profiles yet. Make one with `wfm profile set NAME --server URL`.",
    )


@profile.command("show")
@click.argument("name", required=False, shell_complete=completion.profiles)
@with_output
def show_profile(name: str | None, output: str) -> None:
    """One profile, the one in use if none is named. Its key stays hidden."""
    from workflow_manager.kernel.errors import InvalidRequest

    profiles = read_profiles()
    name = name or os.environ.get("WFM_PROFILE") or profiles.current
    if not name:
        raise InvalidRequest("no profile is in use: the server is that of --server or $WFM_SERVER")
    shown = _shown(name, _named(profiles, name), profiles)
    rows = [(key, str(value)) for key, value in shown.items() if value]
    show_rows(output, shown, ("FIELD", "VALUE"), rows, names=[name])


@profile.command()
@click.argument("name", shell_complete=completion.profiles)
def use(name: str) -> None:
    """Use a profile from now on; `-` for none."""
    profiles = read_profiles()
    if name == "-":
        write_profiles(replace(profiles, current=""))
        click.echo("no profile in use")
        return
    _named(profiles, name)
    write_profiles(replace(profiles, current=name))
    click.echo(f"{name}  in use")


@profile.command("set")
@click.argument("name", shell_complete=completion.profiles)
@click.option("--server", metavar="URL", help="Where its server is.")
@click.option("--api-key", metavar="KEY", help="Its key; `-` reads it from stdin, where nobody else sees it.")
@click.option("--namespace", "-n", metavar="NS", help="Its namespace.")
def set_profile(name: str, **given: str | None) -> None:
    """Make a profile, or change what is given; an empty text unsets. The first one is used at once."""
    profiles = read_profiles()
    if given["api_key"] == "-":
        given["api_key"] = sys.stdin.readline().strip()
    if given["server"]:
        from workflow_manager.cli.http import Server

        Server(given["server"])  # refuses what is no address
    before = profiles.named.get(name, Profile())
    made = replace(before, **{key: value or None for key, value in given.items() if value is not None})
    write_profiles(
        Profiles(profiles.current or ("" if profiles.named else name), {**profiles.named, name: made})
    )
    click.echo(f"{name}  {'changed' if name in profiles.named else 'made'}")


@profile.command()
@click.argument("name", shell_complete=completion.profiles)
def remove(name: str) -> None:
    """Forget a profile."""
    profiles = read_profiles()
    _named(profiles, name)
    kept = {each: value for each, value in profiles.named.items() if each != name}
    write_profiles(Profiles("" if profiles.current == name else profiles.current, kept))
    click.echo(f"{name}  removed")


def _named(profiles: Profiles, name: str) -> Profile:
    if name not in profiles.named:
        raise click.UsageError(f"there is no profile {name}" if name else "no profile is in use")
    return profiles.named[name]


def _shown(name: str, each: Profile, profiles: Profiles) -> dict[str, Any]:
    return {
        "name": name,
        "current": name == profiles.current,
        "server": each.server,
        "namespace": each.namespace,
        "apiKey": "set" if each.api_key else None,
    }
