"""The functions that every expression finds: JSONata's, without `$eval`, and Step Functions' own."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from workflow_manager.asl.jsonata.calls import Native
from workflow_manager.asl.jsonata.library import (
    collections,
    encodings,
    numbers,
    stepfunctions,
    strings,
    times,
)

LIBRARY: Final = MappingProxyType[str, Native](
    {
        **strings.FUNCTIONS,
        **numbers.FUNCTIONS,
        **collections.FUNCTIONS,
        **encodings.FUNCTIONS,
        **times.FUNCTIONS,
        **stepfunctions.FUNCTIONS,
    }
)
