"""Base64 and URL encodings.  Text is UTF-8 on its way to bytes."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import quote, unquote_to_bytes

from workflow_manager.asl.jsonata.calls import Native
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import UNDEFINED, Value

_COMPONENT = "-_.!~*'()"
_WHOLE_URL = _COMPONENT + ";,/?:@&=+$#"
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def base64_encode(text: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def base64_decode(text: Value) -> Value:
    """Bytes that are not UTF-8 come back as one character each."""
    if text is UNDEFINED:
        return UNDEFINED
    digits = _NOT_BASE64.sub("", text.replace("-", "+").replace("_", "/"))
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    data = binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _encode(text: Value, safe: str, name: str) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise JsonataError("D3140", functionName=name, value=text) from None


def _decode(text: Value, keep: str, name: str) -> Value:
    """`keep`: characters whose escapes stay as they are."""
    if text is UNDEFINED:
        return UNDEFINED
    if _BROKEN_ESCAPE.search(text):
        raise JsonataError("D3140", functionName=name, value=text)
    if keep:
        kept = "|".join(f"{ord(char):02x}" for char in keep)
        text = re.sub(f"%(?={kept})", "%25", text, flags=re.IGNORECASE)
    try:
        return unquote_to_bytes(text).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise JsonataError("D3140", functionName=name, value=text) from None


def encode_url(text: Value) -> Value:
    return _encode(text, _WHOLE_URL, "encodeUrl")


def encode_url_component(text: Value) -> Value:
    return _encode(text, _COMPONENT, "encodeUrlComponent")


def decode_url(text: Value) -> Value:
    return _decode(text, ";/?:@&=+$,#", "decodeUrl")


def decode_url_component(text: Value) -> Value:
    return _decode(text, "", "decodeUrlComponent")


FUNCTIONS = {
    "base64encode": Native(base64_encode, "<s-:s>"),
    "base64decode": Native(base64_decode, "<s-:s>"),
    "encodeUrl": Native(encode_url, "<s-:s>"),
    "encodeUrlComponent": Native(encode_url_component, "<s-:s>"),
    "decodeUrl": Native(decode_url, "<s-:s>"),
    "decodeUrlComponent": Native(decode_url_component, "<s-:s>"),
}
