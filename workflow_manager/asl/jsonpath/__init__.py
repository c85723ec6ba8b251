"""JSONPath as Jayway json-path 2.10 reads it, which is the dialect AWS evaluates.

It differs from RFC 9535: a *definite* path gives one value or fails, an indefinite one gives a
list; a missing member fails in front of `[*]` or a filter but not below `..`; `['a','b']` gives
an object; a slice has no step; functions such as `.length()` end a path.  The oddities are kept,
because definitions that run on AWS depend on them.

`parser` turns text into tokens, `filters` reads what stands in `[?(…)]`, `evaluation` turns
tokens into closures, `functions` holds `.sum()` and its kin.  All of it is pure.
"""

from workflow_manager.asl.jsonpath.errors import InvalidPath, PathNotFound
from workflow_manager.asl.jsonpath.path import Path, compile_path

__all__ = ["InvalidPath", "Path", "PathNotFound", "compile_path"]
