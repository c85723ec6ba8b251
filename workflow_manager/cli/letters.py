"""What texts of others do to a terminal: nothing but stand there, as wide as they are.

Names, reasons and payloads are anybody's.  A control character in them could move the cursor, change
the window's title or write over what was said before, so each one is shown by its escape.
"""

from __future__ import annotations

import re
from typing import Final

# Colours and the like, which programs write into what becomes the cause of a failure.
_STYLE: Final = re.compile(r"\x1b\[[0-9;:]*m")
# C0, DEL, C1, line and paragraph separators, and what turns the direction of writing.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """As one line, without styles."""
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], _STYLE.sub("", text))


def plain_lines(text: str) -> list[str]:
    """Its lines, each of them plain.  A tab becomes a blank, a return at the end of a line nothing."""
    return [plain(line.rstrip("\r").replace("\t", " ")) for line in text.split("\n")]


def cells(text: str) -> int:
    """How many columns of a terminal a plain text takes: two for most signs of East Asia."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def pad(text: str, width: int) -> str:
    """With blanks after it, so that it takes at least that many columns."""
    return text + " " * (width - cells(text))


def cut(text: str, width: int) -> str:
    """What of a plain text takes at most that many columns, with a sign for the rest."""
    if cells(text) <= width:
        return text
    kept = text[: width - 1]
    while cells(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"
