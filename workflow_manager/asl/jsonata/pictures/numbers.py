"""Numbers in a picture such as `#,##0.00`: XPath's `format-number`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import UNDEFINED, Value

_DEFAULTS: Final = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "‰",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}
_EXACT: Final = Context(prec=800, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class _Symbols:
    """The characters a picture is written in."""

    names: dict[str, str]
    digits: str

    def __getitem__(self, name: str) -> str:
        return self.names[name]

    @property
    def active(self) -> str:
        """What is not copied as it stands."""
        names = ("decimal-separator", "exponent-separator", "grouping-separator", "digit")
        return self.digits + "".join(self.names[name] for name in names)


@dataclass(frozen=True, slots=True)
class _Picture:
    """One sub-picture, taken apart."""

    text: str
    prefix: str
    suffix: str
    integer: str
    fraction: str
    exponent: str
    groups: tuple[int, ...]
    every: int
    fraction_groups: tuple[int, ...]
    minimum_integer: int
    scaling: int
    minimum_fraction: int
    maximum_fraction: int
    minimum_exponent: int


def format_number(value: int | float, picture: str, options: Value) -> str:
    """Raises D3080 to D3093 for a picture that is none."""
    symbols = _symbols(options)
    parts = picture.split(symbols["pattern-separator"])
    if len(parts) > 2:
        raise JsonataError("D3080")
    pictures = [_analyzed(part, symbols) for part in parts]
    chosen = pictures[0]
    if value < 0:
        negative = replace(chosen, prefix=symbols["minus-sign"] + chosen.prefix)
        chosen = pictures[1] if len(pictures) > 1 else negative
    return _written(Decimal(repr(value)).copy_abs(), chosen, symbols)


def _symbols(options: Value) -> _Symbols:
    names = dict(_DEFAULTS)
    if options is not UNDEFINED:
        names.update({key: str(item) for key, item in options.items()})
    zero = ord(names["zero-digit"][:1] or "0")
    return _Symbols(names, "".join(map(chr, range(zero, zero + 10))))


def _analyzed(text: str, symbols: _Symbols) -> _Picture:
    prefix, active, suffix = _split_affixes(text, symbols)
    mantissa, exponent = _split_exponent(active, suffix, symbols)
    integer, point, fraction = mantissa.partition(symbols["decimal-separator"])
    if not point:
        fraction = suffix
    _validate(text, active, mantissa, exponent, integer, fraction, bool(point), symbols)
    if not point:
        fraction = ""
    return _measured(text, prefix, suffix, integer, fraction, exponent or "", symbols)


def _split_affixes(text: str, symbols: _Symbols) -> tuple[str, str, str]:
    # The exponent separator belongs to the number only between its digits.
    inside = [
        at for at, char in enumerate(text) if char in symbols.active and char != symbols["exponent-separator"]
    ]
    if not inside:
        return text, "", ""
    return text[: inside[0]], text[inside[0] : inside[-1] + 1], text[inside[-1] + 1 :]


def _split_exponent(active: str, suffix: str, symbols: _Symbols) -> tuple[str, str | None]:
    separator = symbols["exponent-separator"]
    mantissa, found, exponent = active.partition(separator)
    if found:
        return mantissa, exponent
    # At the end of the number it announces an exponent that is missing.
    return active, "" if active and suffix.startswith(separator) else None


def _validate(
    text: str,
    active: str,
    mantissa: str,
    exponent: str | None,
    integer: str,
    fraction: str,
    has_point: bool,
    symbols: _Symbols,
) -> None:
    separator, percent, mille = symbols["grouping-separator"], symbols["percent"], symbols["per-mille"]
    digits, optional = symbols.digits, symbols["digit"]
    rules = (
        ("D3081", text.count(symbols["decimal-separator"]) > 1),
        ("D3082", text.count(percent) > 1),
        ("D3083", text.count(mille) > 1),
        ("D3084", percent in text and mille in text),
        ("D3085", not any(char in digits or char == optional for char in mantissa)),
        ("D3086", any(char not in symbols.active for char in active)),
        ("D3087", has_point and (integer.endswith(separator) or fraction.startswith(separator))),
        ("D3088", not has_point and integer.endswith(separator)),
        ("D3089", separator * 2 in text),
        ("D3090", any(char in digits for char in integer[: max(integer.find(optional), 0)])),
        ("D3091", has_point and _digit_after_optional(fraction, digits, optional)),
        ("D3092", exponent is not None and exponent != "" and (percent in text or mille in text)),
        ("D3093", exponent is not None and (exponent == "" or any(char not in digits for char in exponent))),
    )
    broken = [code for code, is_broken in rules if is_broken]
    if broken:
        # Of several mistakes the reference names the last one.
        raise JsonataError(broken[-1])


def _digit_after_optional(fraction: str, digits: str, optional: str) -> bool:
    at = fraction.rfind(optional)
    return at >= 0 and any(char in digits for char in fraction[at:])


def _measured(
    text: str, prefix: str, suffix: str, integer: str, fraction: str, exponent: str, symbols: _Symbols
) -> _Picture:
    digits, optional, separator = symbols.digits, symbols["digit"], symbols["grouping-separator"]
    minimum_integer = sum(char in digits for char in integer)
    minimum_fraction = sum(char in digits for char in fraction)
    maximum_fraction = sum(char in digits or char == optional for char in fraction)
    scaling = minimum_integer
    if minimum_integer == 0 and maximum_fraction == 0:
        if exponent:
            minimum_fraction = maximum_fraction = 1
        else:
            minimum_integer = 1
    if exponent and minimum_integer == 0 and optional in integer:
        minimum_integer = 1
    if minimum_integer == 0 and minimum_fraction == 0:
        minimum_fraction = 1
    groups = _distances(integer[::-1], separator, digits + optional)
    return _Picture(
        text=text,
        prefix=prefix,
        suffix=suffix,
        integer=integer,
        fraction=fraction,
        exponent=exponent,
        groups=groups,
        every=_regular(groups),
        fraction_groups=_distances(fraction, separator, digits + optional),
        minimum_integer=minimum_integer,
        scaling=scaling,
        minimum_fraction=minimum_fraction,
        maximum_fraction=maximum_fraction,
        minimum_exponent=len(exponent),
    )


def _distances(part: str, separator: str, counted: str) -> tuple[int, ...]:
    """How many digits stand before each separator."""
    return tuple(
        sum(before in counted for before in part[:at]) for at, char in enumerate(part) if char == separator
    )


def _regular(groups: tuple[int, ...]) -> int:
    """The interval at which separators repeat, or 0."""
    if groups and all(at == groups[0] * index for index, at in enumerate(groups, 1)):
        return groups[0]
    return 0


def _written(value: Decimal, picture: _Picture, symbols: _Symbols) -> str:
    if symbols["percent"] in picture.text:
        value = value.scaleb(2, _EXACT)
    elif symbols["per-mille"] in picture.text:
        value = value.scaleb(3, _EXACT)
    exponent = 0
    if picture.minimum_exponent:
        value, exponent = _scaled(value, picture.scaling)
    rounded = value.quantize(Decimal(1).scaleb(-picture.maximum_fraction, _EXACT), context=_EXACT)
    whole, _, fraction = f"{rounded:f}".partition(".")
    whole = whole.lstrip("0").rjust(picture.minimum_integer, "0")
    fraction = fraction.rstrip("0").ljust(picture.minimum_fraction, "0")
    text = _grouped(whole, picture, symbols)
    if fraction:
        text += symbols["decimal-separator"] + _grouped_fraction(fraction, picture, symbols)
    if picture.minimum_exponent:
        sign = symbols["minus-sign"] if exponent < 0 else ""
        text += symbols["exponent-separator"] + sign + str(abs(exponent)).rjust(picture.minimum_exponent, "0")
    return picture.prefix + _in_digits(text, symbols) + picture.suffix


def _scaled(value: Decimal, digits: int) -> tuple[Decimal, int]:
    """The mantissa with that many digits before the point, and its exponent."""
    if value == 0:
        return value, 0
    exponent = value.adjusted() + 1 - digits
    if exponent > 0 and value == Decimal(1).scaleb(value.adjusted(), _EXACT):
        # The reference scales down what is greater than the limit, and a power of ten may equal it.
        exponent -= 1
    return value.scaleb(-exponent, _EXACT), exponent


def _grouped(whole: str, picture: _Picture, symbols: _Symbols) -> str:
    every = picture.every
    places: Any = range(every, len(whole), every) if every else picture.groups
    for at in sorted(places, reverse=True):
        if 0 < at < len(whole):
            position = len(whole) - at
            whole = whole[:position] + symbols["grouping-separator"] + whole[position:]
    return whole


def _grouped_fraction(fraction: str, picture: _Picture, symbols: _Symbols) -> str:
    for at in sorted(picture.fraction_groups, reverse=True):
        if at < len(fraction):
            fraction = fraction[:at] + symbols["grouping-separator"] + fraction[at:]
    return fraction


def _in_digits(text: str, symbols: _Symbols) -> str:
    if symbols.digits[0] == "0":
        return text
    return text.translate({ord("0") + digit: char for digit, char in enumerate(symbols.digits)})
