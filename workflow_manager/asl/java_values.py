"""JSON values as AWS's Java code compares and prints them, where Python would differ.

Java tells 1 from 1.0 and true from 1, and its `toString` is not JSON.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from workflow_manager.kernel.json import Json, dumps

_sorted_encoder = msgspec.json.Encoder(order="sorted")


def identity(value: Json) -> bytes:
    """Equal for values that are the same JSON, whatever the order of their keys: 1 is not 1.0."""
    return _sorted_encoder.encode(value)


def same(a: Json, b: Json) -> bool:
    """Whether both are the same JSON value."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return type(a) is type(b) and identity(a) == identity(b)


def number_text(number: int | float) -> str:
    """As `Double.toString` and `Long.toString` write it: 1.0E10 where Python has 10000000000.0."""
    if isinstance(number, int):
        return str(number)
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        # Python's shortest repr is Java's in this range, but for 0.0001-style exponents below it.
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:] or '0'}"
    return f"{'-' if sign else ''}{mantissa}E{exponent + len(text) - 1}"


def text(value: Json) -> str:
    """As `Object.toString` writes it: a string bare, an object as {a=1, b=[x, y]}."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case list():
            return f"[{', '.join(map(text, value))}]"
        case dict():
            return "{" + ", ".join(f"{name}={text(item)}" for name, item in value.items()) + "}"


def provider_text(value: Json) -> str:
    """As the JSON library behind AWS's paths writes it: objects as above, lists as JSON."""
    match value:
        case list():
            return dumps(value)
        case dict():
            return "{" + ", ".join(f"{name}={provider_text(item)}" for name, item in value.items()) + "}"
        case _:
            return text(value)


def class_name(value: Json) -> str:
    """The Java class that AWS's JSON library reads such a value into, as its messages name it."""
    match value:
        case None:
            return "null"
        case bool():
            return "java.lang.Boolean"
        case str():
            return "java.lang.String"
        case float():
            return "java.lang.Double"
        case list():
            return "net.minidev.json.JSONArray"
        case dict():
            return "java.util.LinkedHashMap"
        case int():
            if -(2**31) <= value < 2**31:
                return "java.lang.Integer"
            return "java.lang.Long" if -(2**63) <= value < 2**63 else "java.math.BigInteger"
