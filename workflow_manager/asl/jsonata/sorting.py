"""Sorts by a comparison that may be anything: stable, and comparing in the reference's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def merge_sorted(items: list[T], is_after: Callable[[T, T], bool]) -> list[T]:
    """The items, smallest first.  A comparison that contradicts itself gives some order, and no error."""
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sorted(items[:middle], is_after), merge_sorted(items[middle:], is_after)
    merged: list[T] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if is_after(left[i], right[j]):
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]
