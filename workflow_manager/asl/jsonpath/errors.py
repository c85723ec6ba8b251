"""How a path goes wrong: in itself, on this document, or with nothing to be found.

InvalidPath
├─ PathNotFound       a definite path, and the document has nothing there
└─ Inapplicable       what the path asks cannot be done; not even a filter forgives it
   └─ OutOfBounds     first, last or index of a list that is too short
"""

from __future__ import annotations


class InvalidPath(ValueError):
    """Raised while compiling for bad syntax; while reading for an unknown function or a filter on a
    primitive.  Inside a filter the latter only means that the item does not match."""


class PathNotFound(InvalidPath):
    """The document has nothing where a definite path points."""


class Inapplicable(InvalidPath):
    """An aggregate of nothing, a list no filter can compare, or more work than the limits allow."""


class OutOfBounds(Inapplicable):
    """Raised inside a step into a list, it only means that this element gives nothing."""
