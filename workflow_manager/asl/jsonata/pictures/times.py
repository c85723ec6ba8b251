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
    year_digits: int | None = None
    fixed_width: int | None = None


def format_time(millis: float, picture: str | None, timezone: str | None) -> str:
    """`timezone` is an offset such as +0100; without a picture, ISO 8601."""
    offset = _offset_minutes(timezone) if timezone is not None else 0
    try:
        moment = _EPOCH + timedelta(milliseconds=int(millis)) + timedelta(minutes=offset)
    except OverflowError:
        raise JsonataError("D1001", value=millis) from None
    markers = _read(_ISO_PICTURE if picture is None else picture)
    return "".join(_formatted(marker, moment, offset) for marker in markers)


def _offset_minutes(text: str) -> int:
    match = re.fullmatch(r"([+-]?)(\d{1,2}?):?(\d{2})?|Z|0", text)
    if match is None:
        raise JsonataError("D3134")
    sign, hours, minutes = match.groups()
    total = int(hours or 0) * 60 + int(minutes or 0)
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
    if component not in _DEFAULT_PRESENTATION:
        raise JsonataError("D3132", value=component)
    if presentation[0] in "nN":
        return _Marker(component=component, names=_name_case(presentation), widest=widest)
    if component in "Zz":
        zone = read_picture(presentation)
        return _Marker(component=component, integer=zone, zulu=modifier == "t")
    if component not in _INTEGERS:
        return _Marker(component=component, widest=widest)
    integer = read_picture(presentation + (";" + modifier if modifier else ""))
    if narrowest is not None and integer.mandatory < narrowest:
        integer = replace(integer, mandatory=narrowest)
    if component != "Y":
        return _Marker(component=component, integer=integer, widest=widest)
    if widest is not None:
        integer = replace(integer, mandatory=widest)
    digits = widest if widest is not None else integer.digits if integer.digits >= 2 else None
    return _Marker(component=component, integer=integer, widest=widest, year_digits=digits)


def _widths(text: str) -> tuple[int | None, int | None]:
    narrowest, _, widest = text.partition("-")
    return _width(narrowest), _width(widest)


def _width(text: str) -> int | None:
    return min(int(text), 1000) if text.isdecimal() and len(text) < 10 else None


def _name_case(presentation: str) -> Case:
    if presentation[0] == "n":
        return Case.LOWER
    return Case.TITLE if presentation[1:2] == "n" else Case.UPPER


def _formatted(marker: _Marker, moment: datetime, offset: int) -> str:
    component = marker.component
    if component == "":
        return marker.literal
    if component in "Zz":
        return _formatted_zone(marker, offset)
    if component in "CE":
        return "ISO"
    if component == "P":
        half = "am" if moment.hour < 12 else "pm"
        return half.upper() if marker.names is Case.UPPER else half
    value = _fragment(moment, component)
    if marker.names is not None:
        return _formatted_name(marker, value)
    assert marker.integer is not None
    if marker.year_digits is not None:
        value %= 10**marker.year_digits
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
    found: dict[str, int] = {}
    try:
        for marker, part in zip(markers, match.groups(), strict=True):
            if marker.component:
                value = _parsed(marker, part)
                if value is not None:
                    found[marker.component] = value
    except (KeyError, ValueError):
        return None
    return _assembled(found, now) if found else None


def _parse_iso(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        raise JsonataError("D3110", value=text)
    part = match.groupdict()
    try:
        moment = datetime(
            int(part["year"]), int(part["month"] or 1), int(part["day"] or 1), tzinfo=UTC
        ) + timedelta(
            hours=int(part["hour"] or 0),
            minutes=int(part["minute"] or 0),
            seconds=int(part["second"] or 0),
            milliseconds=int((part["fraction"] or "0").ljust(3, "0")[:3]),
        )
        if int(part["hour"] or 0) > 24:
            raise ValueError("no such hour")
        zone = part["zone"]
        return _millis(moment) - 60_000 * (_offset_minutes(zone) if zone else 0)
    except (ValueError, OverflowError):
        raise JsonataError("D3110", value=text) from None


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _pattern(marker: _Marker) -> str:
    if marker.component == "":
        return re.escape(marker.literal)
    if marker.component in "Zz":
        assert marker.integer is not None
        separator = re.escape(marker.integer.every[1]) + "[0-9]+" if marker.integer.every else ""
        zone = ("GMT" if marker.component == "z" else "") + "[-+][0-9]+" + separator
        return f"(?:{zone}|Z)" if marker.zulu else zone
    if marker.integer is None:
        if marker.component not in "MxFPCE":
            raise JsonataError("D3133", value=marker.component)
        return "[a-zA-Z]+"
    if marker.fixed_width and marker.integer.style is Style.DECIMAL:
        return pattern_of(marker.integer).replace("+", f"{{{marker.fixed_width}}}", 1)
    return pattern_of(marker.integer)


def _parsed(marker: _Marker, text: str) -> int | None:
    """Raises KeyError or ValueError for a text that means nothing there."""
    if marker.component in "Zz":
        return _parsed_zone(marker, text)
    if marker.integer is not None:
        return read_integer(text, marker.integer)
    match marker.component:
        case "M" | "x":
            return _numbered(_MONTHS, marker.widest)[text.lower()]
        case "F":
            return _numbered(_DAYS, marker.widest)[text.lower()]
        case "P":
            return {"am": 0, "pm": 1}[text.lower()]
    return None


def _numbered(names: tuple[str, ...], widest: int | None) -> dict[str, int]:
    return {name[:widest].lower(): number for number, name in enumerate(names, 1)}


def _parsed_zone(marker: _Marker, text: str) -> int:
    assert marker.integer is not None
    if text.upper() == "Z":
        return 0
    text = text[3:] if marker.component == "z" else text
    sign, digits = (-1 if text[0] == "-" else 1), text[1:]
    if marker.integer.every is not None:
        hours, _, minutes = digits.partition(marker.integer.every[1])
    elif len(digits) <= 2:
        hours, minutes = digits, ""
    else:
        hours, minutes = digits[:2], digits[2:]
    return sign * (int(hours) * 60 + int(minutes or 0))


# Which components make a date or a time together, first fitting first.
_DATES: Final = ("YMD", "Yd", "XxwF", "XWF")
_TIMES: Final = ("Hmsf", "Phmsf")


def _assembled(found: dict[str, int], now: datetime) -> int:
    """Raises D3136 where the components leave a gap, or do not make a date."""
    given = set(found)
    dates = next((kind for kind in _DATES if given & set("YXMxWwdD") <= set(kind)), "YMD")
    times = next((kind for kind in _TIMES if given & set("PHhmsf") <= set(kind)), "Hmsf")
    complete = dict(found)
    begun = ended = False
    for component in dates + times:
        if component in found:
            begun = True
            if ended:
                raise JsonataError("D3136")
        elif begun:
            complete[component] = 1 if component in "MDd" else 0
            ended = True
        else:
            complete[component] = _fragment(now, component)
    if dates in ("XxwF", "XWF"):
        raise JsonataError("D3136")
    if times == "Phmsf":
        complete["H"] = complete["h"] % 12 + 12 * complete["P"]
    return _timestamp(complete)


def _timestamp(parts: dict[str, int]) -> int:
    try:
        moment = datetime(parts["Y"], 1, 1, tzinfo=UTC)
        if "d" in parts:
            moment += timedelta(days=parts["d"] - 1)
        else:
            # As in JavaScript, a thirteenth month is the next year's first.
            years, month = divmod(max(parts["M"], 1) - 1, 12)
            moment = moment.replace(year=moment.year + years, month=month + 1)
            moment += timedelta(days=parts["D"] - 1)
        moment += timedelta(hours=parts["H"], minutes=parts["m"], seconds=parts["s"], milliseconds=parts["f"])
    except (ValueError, OverflowError):
        raise JsonataError("D3136") from None
    return _millis(moment) - 60_000 * parts.get("Z", parts.get("z", 0))
