"""Dates and times in a picture such as `[D01]/[M01]/[Y0001]`: XPath's `format-dateTime`, both ways.

Times are milliseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.pictures.integers import (
    Case,
    IntegerFormat,
    Style,
    pattern_of,
    read_integer,
    read_picture,
    write_integer,
)

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DEFAULT_PRESENTATION: Final = {
    **dict.fromkeys("YMDdWwXxHhf", "1"),
    **dict.fromkeys("FPCE", "n"),
    **dict.fromkeys("ms", "01"),
    **dict.fromkeys("Zz", "01:01"),
}
_INTEGERS: Final = "YMDdFWwXxHhmsf"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_YEARS: Final = 400
_DAY_MILLIS: Final = 86_400_000
_CYCLE_MILLIS: Final = 146_097 * _DAY_MILLIS
_LAST_MILLIS: Final = 8_640_000_000_000_000  # JavaScript's, on either side of the epoch
_ISO_PICTURE: Final = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>[01]\d)(?:-(?P<day>[0-3]\d))?)?"
    r"(?:T(?P<hour>[0-2]\d):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)(?:\.(?P<fraction>\d+))?)?"
    r"(?P<zone>[+-][0-2]\d:?[0-5]\d|Z)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Marker:
    """`[component presentation, width]`, or a literal text when `component` is empty."""

    literal: str = ""
    component: str = ""
    names: Case | None = None
    integer: IntegerFormat | None = None
    zulu: bool = False
    widest: int | None = None
    digits: int | None = None  # how many a year, a month or a day has
    fixed_width: int | None = None


def format_time(millis: float, picture: str | None, timezone: str | None) -> str:
    """`timezone` is an offset such as +0100; without a picture, ISO 8601."""
    offset = _offset_minutes(timezone) if timezone is not None else 0
    if abs(millis) > _LAST_MILLIS:
        raise JsonataError("D1001", value=millis)
    # Python has the years 1 to 9999 alone, and the calendar repeats itself.
    cycles, rest = divmod(int(millis + 60_000 * offset), _CYCLE_MILLIS)
    moment = _EPOCH + timedelta(milliseconds=rest)
    markers = _read(_ISO_PICTURE if picture is None else picture)
    return "".join(_formatted(marker, moment, cycles * _CYCLE_YEARS, offset) for marker in markers)


def _offset_minutes(text: str) -> int:
    match = re.fullmatch(r"([+-]?)(?:(\d{1,4})|(\d{1,2}):(\d{2}))|Z", text, re.ASCII)
    if match is None:
        raise JsonataError("D3134")
    sign, digits, hours, minutes = match.groups()
    # Without a colon the last two digits are minutes, also where there are no others.
    whole = int(digits or 0) if hours is None else int(hours) * 100 + int(minutes)
    total = whole // 100 * 60 + whole % 100
    return -total if sign == "-" else total


@lru_cache(maxsize=256)
def _read(picture: str) -> tuple[_Marker, ...]:
    """Raises D3131 to D3135 for a picture that cannot be followed."""
    markers: list[_Marker] = []
    position = 0
    while position < len(picture):
        opening = picture.find("[", position)
        if opening < 0:
            opening = len(picture)
        if opening > position:
            markers.append(_Marker(literal=picture[position:opening].replace("]]", "]")))
        if picture.startswith("[[", opening):
            markers.append(_Marker(literal="["))
            position = opening + 2
        elif opening < len(picture):
            closing = picture.find("]", opening)
            if closing < 0:
                raise JsonataError("D3135")
            marker = _marker("".join(picture[opening + 1 : closing].split()))
            if markers and markers[-1].integer and marker.integer and marker.component not in "Zz":
                # With nothing between two numbers, only its width says where the first one ends.
                markers[-1] = replace(markers[-1], fixed_width=markers[-1].integer.mandatory)
            markers.append(marker)
            position = closing + 1
        else:
            position = opening
    return tuple(markers)


def _marker(text: str) -> _Marker:
    component = text[:1]
    body, comma, width = text[1:].rpartition(",")
    presentation = body if comma else text[1:]
    narrowest, widest = _widths(width) if comma else (None, None)
    modifier = ""
    if len(presentation) > 1 and presentation[-1] in "atco":
        presentation, modifier = presentation[:-1], presentation[-1]
    presentation = presentation or _DEFAULT_PRESENTATION.get(component, "")
    if not presentation:
        raise JsonataError("D3132", value=component)
    if component in "Zz":
        zone = read_picture(presentation)
        return _Marker(component=component, integer=zone, zulu=modifier == "t")
    if presentation[0] in "nN":
        return _Marker(component=component, names=_name_case(presentation), widest=widest)
    if component not in _INTEGERS:
        return _Marker(component=component, widest=widest)
    integer = read_picture(presentation + (";" + modifier if modifier else ""))
    if narrowest is not None and integer.mandatory < narrowest:
        integer = replace(integer, mandatory=narrowest)
    if component not in "YMD":
        return _Marker(component=component, integer=integer, widest=widest)
    if widest is not None:
        integer = replace(integer, mandatory=widest)
    digits = widest if widest is not None else integer.digits if integer.digits >= 2 else None
    return _Marker(component=component, integer=integer, widest=widest, digits=digits)


def _widths(text: str) -> tuple[int | None, int | None]:
    narrowest, _, widest = text.partition("-")
    return _width(narrowest), _width(widest)


def _width(text: str) -> int | None:
    return min(int(text), 1000) if text.isdecimal() and len(text) < 10 else None


def _name_case(presentation: str) -> Case:
    if presentation[0] == "n":
        return Case.LOWER
    return Case.TITLE if presentation[1:2] == "n" else Case.UPPER


def _formatted(marker: _Marker, moment: datetime, years: int, offset: int) -> str:
    """`years` are to be added to those of the moment."""
    component = marker.component
    if component == "":
        return marker.literal
    if component not in _DEFAULT_PRESENTATION:
        raise JsonataError("D3132", value=component)
    if component in "Zz":
        return _formatted_zone(marker, offset)
    if component in "CE":
        return "ISO"
    if component == "P":
        half = "am" if moment.hour < 12 else "pm"
        return half.upper() if marker.names is Case.UPPER else half
    value = _fragment(moment, component) + (years if component in "YX" else 0)
    if marker.names is not None:
        return _formatted_name(marker, value)
    assert marker.integer is not None
    if component == "Y" and marker.digits is not None:
        shortened = abs(value) % 10**marker.digits
        value = shortened if value >= 0 else -shortened
    return write_integer(value, marker.integer)


def _formatted_name(marker: _Marker, value: int) -> str:
    if marker.component not in "MxF":
        raise JsonataError("D3133", value=marker.component)
    name = (_DAYS if marker.component == "F" else _MONTHS)[value - 1]
    if marker.names is not Case.TITLE:
        name = name.upper() if marker.names is Case.UPPER else name.lower()
    return name[: marker.widest]


def _formatted_zone(marker: _Marker, offset: int) -> str:
    assert marker.integer is not None
    if offset == 0 and marker.zulu:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    if marker.integer.every is not None or marker.integer.mandatory in (3, 4):
        text = write_integer(hours * 100 + minutes, marker.integer)
    elif marker.integer.mandatory in (1, 2):
        text = write_integer(hours, marker.integer) + (f":{minutes:02}" if minutes else "")
    else:
        raise JsonataError("D3134", value=marker.integer.mandatory)
    return ("GMT" if marker.component == "z" else "") + ("-" if offset < 0 else "+") + text


def _fragment(moment: datetime, component: str) -> int:
    match component:
        case "Y":
            return moment.year
        case "M":
            return moment.month
        case "D":
            return moment.day
        case "d":
            return moment.timetuple().tm_yday
        case "F":
            return moment.isoweekday()
        case "W":
            return moment.isocalendar().week
        case "X":
            return moment.isocalendar().year
        case "w" | "x":
            return _week_of_month(moment.date())[component == "x"]
        case "H":
            return moment.hour
        case "h":
            return moment.hour % 12 or 12
        case "m":
            return moment.minute
        case "s":
            return moment.second
        case "f":
            return moment.microsecond // 1000
    return 0 if moment.hour < 12 else 1


def _week_of_month(day: date) -> tuple[int, int]:
    """The week and its month: a week belongs to the month that holds its Thursday."""
    thursday = date.fromordinal(day.toordinal() - day.isoweekday() + 4)
    return (thursday.day - 1) // 7 + 1, thursday.month


def parse_time(text: str, picture: str | None, now: datetime) -> int | None:
    """The time that a text gives, or None when it is not as the picture says.

    What the picture leaves out on the left is that of `now`; on the right it is the earliest.
    """
    if picture is None:
        return _parse_iso(text)
    markers = _read(picture)
    match = re.fullmatch("".join(f"({_pattern(marker)})" for marker in markers), text, re.IGNORECASE)
    if match is None:
        return None
    try:
        found = {
            marker.component: _parsed(marker, part)
            for marker, part in zip(markers, match.groups(), strict=True)
            if marker.component
        }
    except (KeyError, ValueError):
        return None
    # A name that is none, such as JAN for Jan, counts as left out.
    given = {component: value for component, value in found.items() if value is not None}
    return _assembled(given, now) if found else None


def _parse_iso(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        raise JsonataError("D3110", value=text)
    part = match.groupdict()
    month, day, hour = int(part["month"] or 1), int(part["day"] or 1), int(part["hour"] or 0)
    fraction = int((part["fraction"] or "0").ljust(3, "0")[:3])
    within_day = (hour * 60 + int(part["minute"] or 0)) * 60_000 + int(part["second"] or 0) * 1000 + fraction
    if not (1 <= month <= 12 and 1 <= day <= 31 and within_day <= _DAY_MILLIS):
        raise JsonataError("D3110", value=text)
    offset = _offset_minutes(part["zone"]) if part["zone"] else 0
    # As in JavaScript, the thirtieth of February is in March.
    return _days(int(part["year"]), month, day) * _DAY_MILLIS + within_day - 60_000 * offset


def _days(year: int, month: int, day: int) -> int:
    """From the epoch to a date; as in JavaScript, months and days beyond the last one go on into the next."""
    years, month = divmod(month - 1, 12)
    cycles, year = divmod(year + years - 1970, _CYCLE_YEARS)
    first = date(1970 + year, month + 1, 1).toordinal() - _EPOCH.toordinal()
    return cycles * (_CYCLE_MILLIS // _DAY_MILLIS) + first + day - 1


def _pattern(marker: _Marker) -> str:
    if marker.component == "":
        return re.escape(marker.literal)
    if marker.component in "Zz":
        assert marker.integer is not None
        separator = re.escape(marker.integer.every[1]) + "[0-9]+" if marker.integer.every else ""
        return ("GMT" if marker.component == "z" else "") + "[-+][0-9]+" + separator
    if marker.integer is None:
        if marker.component not in "MxFP":
            raise JsonataError("D3133", value=marker.component)
        return "[a-zA-Z]+"
    pattern = pattern_of(marker.integer)
    if marker.integer.style is not Style.DECIMAL:
        return pattern
    if marker.digits:
        least = max(marker.digits - marker.integer.optional, 0)
        return pattern.replace("+", f"{{{least},{marker.digits}}}", 1)
    if marker.fixed_width:
        return pattern.replace("+", f"{{{marker.fixed_width}}}", 1)
    return pattern


def _parsed(marker: _Marker, text: str) -> int | None:
    """Raises KeyError or ValueError for a text that means nothing there."""
    if marker.component in "Zz":
        return _parsed_zone(marker, text)
    if marker.integer is not None:
        return read_integer(text, marker.integer)
    match marker.component:
        case "M" | "x":
            return _numbered(_MONTHS, marker.widest).get(text)
        case "F":
            return _numbered(_DAYS, marker.widest).get(text)
    return {"am": 0, "AM": 0, "pm": 1, "PM": 1}.get(text)


def _numbered(names: tuple[str, ...], widest: int | None) -> dict[str, int]:
    return {name[:widest]: number for number, name in enumerate(names, 1)}


def _parsed_zone(marker: _Marker, text: str) -> int:
    assert marker.integer is not None
    text = text[3:] if marker.component == "z" else text
    sign, digits = (-1 if text[0] == "-" else 1), text[1:]
    if marker.integer.every is not None:
        hours, _, minutes = digits.partition(marker.integer.every[1])
    elif len(digits) <= 2:
        hours, minutes = digits, ""
    else:
        hours, minutes = digits[:2], digits[2:]
    return sign * (int(hours) * 60 + int(minutes or 0))


def _assembled(found: dict[str, int], now: datetime) -> int:
    """Raises D3136 where the components leave a gap, or do not make a date."""
    # The reference does not count zeros here.
    dates = {component for component in "YXMxWwdD" if found.get(component)}
    times = {component for component in "PHhmsf" if found.get(component)}
    counts_days = bool(dates) and dates <= set("Yd") and not dates <= set("YMD")
    by_halves = bool(times) and times <= set("Phmsf") and not times <= set("Hmsf")
    if dates and not counts_days and (dates <= set("Xxw") or dates <= set("XW")):
        raise JsonataError("D3136")
    complete = dict(found)
    begun = ended = False
    # As in the reference, the day is the one of the month even where days are counted from the year's first.
    for component in ("YD" if counts_days else "YMD") + ("Phmsf" if by_halves else "Hmsf"):
        if component in found:
            begun = True
            if ended:
                raise JsonataError("D3136")
        elif begun:
            complete[component] = 1 if component in "MD" else 0
            ended = True
        else:
            complete[component] = _fragment(now, component)
    if by_halves:
        complete["H"] = complete["h"] % 12 + 12 * complete["P"]
    return _timestamp(complete, counts_days)


def _timestamp(parts: dict[str, int], counts_days: bool) -> int:
    # As in JavaScript, a year of two digits is in the twentieth century.
    year = parts["Y"] + 1900 if 0 <= parts["Y"] <= 99 else parts["Y"]
    days = _days(year, 1, parts["d"]) if counts_days else _days(year, max(parts["M"], 1), parts["D"])
    minutes = parts["H"] * 60 + parts["m"] - (parts.get("Z") or parts.get("z") or 0)
    millis = days * _DAY_MILLIS + minutes * 60_000 + parts["s"] * 1000 + parts["f"]
    if abs(millis) > _LAST_MILLIS:
        raise JsonataError("D3136")
    return millis
