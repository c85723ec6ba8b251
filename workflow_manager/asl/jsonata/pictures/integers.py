"""Integers as digits, letters, Roman numerals and words: XPath's `format-integer`, and its inverse."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from workflow_manager.asl.jsonata.errors import JsonataError


class Style(Enum):
    DECIMAL = "decimal"
    LETTERS = "letters"
    ROMAN = "roman"
    WORDS = "words"
    SEQUENCE = "sequence"


class Case(Enum):
    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class IntegerFormat:
    """`groups` are distances of separators from the right; `every`, one that repeats."""

    style: Style = Style.DECIMAL
    case: Case = Case.LOWER
    ordinal: bool = False
    token: str = ""
    zero: int = ord("0")
    mandatory: int = 0
    optional: int = 0
    every: tuple[int, str] | None = None
    groups: tuple[tuple[int, str], ...] = ()

    @property
    def digits(self) -> int:
        return self.mandatory + self.optional


_FEW: Final = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
    "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_FEW_ORDINALS: Final = (
    "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth",
    "Tenth", "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth",
    "Seventeenth", "Eighteenth", "Nineteenth",
)  # fmt: skip
_TENS: Final = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_POWERS: Final = ("Thousand", "Million", "Billion", "Trillion")
_ROMAN: Final = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_ROMAN_DIGITS: Final = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}

# The zeros of the decimal digit groups that Unicode has.
ZEROS: Final = (
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
)  # fmt: skip


def format_integer(value: int, picture: str) -> str:
    """Raises D3130 or D3131 for a picture that cannot be followed."""
    return write_integer(value, read_picture(picture))


def read_picture(picture: str) -> IntegerFormat:
    """What a picture such as `#,##0;o`, `I`, `a` or `Ww` asks for."""
    main, semicolon, modifier = picture.rpartition(";")
    if not semicolon:
        main, modifier = picture, ""
    ordinal = modifier.startswith("o")
    match main:
        case "A" | "a":
            return IntegerFormat(Style.LETTERS, Case.UPPER if main == "A" else Case.LOWER, ordinal)
        case "I" | "i":
            return IntegerFormat(Style.ROMAN, Case.UPPER if main == "I" else Case.LOWER, ordinal)
        case "W":
            return IntegerFormat(Style.WORDS, Case.UPPER, ordinal)
        case "w":
            return IntegerFormat(Style.WORDS, Case.LOWER, ordinal)
        case "Ww":
            return IntegerFormat(Style.WORDS, Case.TITLE, ordinal)
    return _digit_picture(main, ordinal)


def _digit_picture(picture: str, ordinal: bool) -> IntegerFormat:
    zero: int | None = None
    mandatory = optional = position = 0
    separators: list[tuple[int, str]] = []
    for char in reversed(picture):
        code = ord(char)
        group = next((start for start in ZEROS if start <= code <= start + 9), None)
        if group is not None:
            if zero is not None and zero != group:
                raise JsonataError("D3131")
            zero = group
            mandatory += 1
            position += 1
        elif char == "#":
            optional += 1
            position += 1
        else:
            separators.append((position, char))
    if zero is None:
        return IntegerFormat(Style.SEQUENCE, ordinal=ordinal, token=picture)
    every = _regular(separators)
    return IntegerFormat(
        ordinal=ordinal,
        zero=zero,
        mandatory=mandatory,
        optional=optional,
        every=every,
        groups=() if every else tuple(separators),
    )


def _regular(separators: list[tuple[int, str]]) -> tuple[int, str] | None:
    """The distance and the character, where one separator stands at regular intervals."""
    if not separators or any(char != separators[0][1] for _, char in separators):
        return None
    positions = {position for position, _ in separators}
    step = math.gcd(*positions)
    if step and all(step * index in positions for index in range(1, len(positions) + 1)):
        return step, separators[0][1]
    return None


def write_integer(value: int, style: IntegerFormat) -> str:
    """An integer in a format that has been read."""
    size = abs(value)
    match style.style:
        case Style.LETTERS:
            text = _letters(size, "A" if style.case is Case.UPPER else "a")
        case Style.ROMAN:
            text = _roman(size)
            if style.case is Case.UPPER:
                text = text.upper()
        case Style.WORDS:
            text = _cased(words(size, style.ordinal), style.case)
        case Style.DECIMAL:
            text = _decimal(size, style)
        case _:
            raise JsonataError("D3130", value=style.token)
    return "-" + text if value < 0 else text


def _cased(text: str, case: Case) -> str:
    if case is Case.TITLE:
        return text
    return text.upper() if case is Case.UPPER else text.lower()


def _decimal(value: int, style: IntegerFormat) -> str:
    digits = str(value).rjust(style.mandatory, "0")
    if style.zero != ord("0"):
        digits = "".join(chr(int(digit) + style.zero) for digit in digits)
    groups = style.groups
    if style.every is not None:
        step, char = style.every
        groups = tuple((at, char) for at in range(step, len(digits), step))
    for at, char in sorted(groups, reverse=True):
        position = len(digits) - at
        digits = digits[:position] + char + digits[position:] if position > 0 else digits
    return digits + _ordinal_suffix(value) if style.ordinal else digits


def _ordinal_suffix(value: int) -> str:
    if value // 10 % 10 == 1:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")


def _letters(value: int, first: str) -> str:
    text = ""
    while value > 0:
        value, letter = divmod(value - 1, 26)
        text = chr(ord(first) + letter) + text
    return text


def _roman(value: int) -> str:
    if value > 1_000_000:
        raise JsonataError("D3130", value="I")
    text = ""
    for size, letters in _ROMAN:
        repeats, value = divmod(value, size)
        text += letters * repeats
    return text


def words(value: int, ordinal: bool) -> str:
    """`One Thousand, Two Hundred and Third`."""
    return _spelled(value, False, ordinal)


def _spelled(value: int, continued: bool, ordinal: bool) -> str:
    if value <= 19:
        return (" and " if continued else "") + (_FEW_ORDINALS if ordinal else _FEW)[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        text = (" and " if continued else "") + _TENS[tens - 2]
        if rest:
            return text + "-" + _spelled(rest, False, ordinal)
        return text[:-1] + "ieth" if ordinal else text
    if value < 1000:
        size, name, lead = 100, "Hundred", ", "
    else:
        # Beyond trillions it goes on in trillions of trillions.
        power = min((len(str(value)) - 1) // 3, len(_POWERS))
        size, name, lead = 10 ** (3 * power), _POWERS[power - 1], ", "
    many, rest = divmod(value, size)
    text = (lead if continued else "") + _spelled(many, False, False) + " " + name
    if rest:
        return text + _spelled(rest, True, ordinal)
    return text + "th" if ordinal else text


_WORD_VALUES: Final = {
    **{word.lower(): value for value, word in enumerate(_FEW)},
    **{word.lower(): value for value, word in enumerate(_FEW_ORDINALS)},
    **{word.lower(): 10 * value for value, word in enumerate(_TENS, 2)},
    **{word.lower()[:-1] + "ieth": 10 * value for value, word in enumerate(_TENS, 2)},
    "hundred": 100,
    "hundredth": 100,
    **{word.lower(): 1000**power for power, word in enumerate(_POWERS, 1)},
    **{word.lower() + "th": 1000**power for power, word in enumerate(_POWERS, 1)},
}
_BETWEEN_WORDS = re.compile(r",\s|\sand\s|[\s\-]")


def words_to_number(text: str) -> int:
    """Raises KeyError for a word that is none of ours."""
    segments = [0]
    for word in _BETWEEN_WORDS.split(text.lower()):
        value = _WORD_VALUES[word]
        if value < 100:
            top = segments.pop()
            if top >= 1000:
                segments.append(top)
                top = 0
            segments.append(top + value)
        else:
            segments.append(segments.pop() * value)
    return sum(segments)


def parse_integer(text: str, picture: str) -> int:
    """What `format_integer` would have made the text from.  Raises D3130 when it cannot be."""
    try:
        return read_integer(text, read_picture(picture))
    except (KeyError, ValueError):
        raise JsonataError("D3130", value=text[:40]) from None


def read_integer(text: str, style: IntegerFormat) -> int:
    """Raises KeyError or ValueError for a text that is not in the format."""
    match style.style:
        case Style.LETTERS:
            value = 0
            for char in text.upper():
                value = value * 26 + ord(char) - ord("A") + 1
            return value
        case Style.ROMAN:
            return _from_roman(text.upper())
        case Style.WORDS:
            return words_to_number(text)
        case Style.DECIMAL:
            return _from_decimal(text, style)
    raise JsonataError("D3130", value=style.token)


def _from_roman(text: str) -> int:
    total = largest = 0
    for char in reversed(text):
        value = _ROMAN_DIGITS[char]
        total += -value if value < largest else value
        largest = max(largest, value)
    return total


def _from_decimal(text: str, style: IntegerFormat) -> int:
    digits = text[:-2] if style.ordinal else text
    for char in {"," if style.every is None else style.every[1], *(char for _, char in style.groups)}:
        digits = digits.replace(char, "")
    if style.zero != ord("0"):
        digits = "".join(chr(ord(digit) - style.zero + ord("0")) for digit in digits)
    if len(digits) > 400:
        raise ValueError("too many digits")
    return int(digits)


def pattern_of(style: IntegerFormat) -> str:
    """A regular expression for the texts of a format, as they stand in a date or a time."""
    match style.style:
        case Style.LETTERS:
            return "[A-Z]+" if style.case is Case.UPPER else "[a-z]+"
        case Style.ROMAN:
            return "[MDCLXVI]+" if style.case is Case.UPPER else "[mdclxvi]+"
        case Style.WORDS:
            # Longer words first: "sixteen" is not "six".
            known = sorted(_WORD_VALUES, key=len, reverse=True)
            return "(?:" + "|".join([*known, "and", r"[\-, ]"]) + ")+"
        case Style.DECIMAL:
            zero = style.zero
            return f"[{chr(zero)}-{chr(zero + 9)}]+" + ("(?:th|st|nd|rd)" if style.ordinal else "")
    raise JsonataError("D3130", value=style.token)
