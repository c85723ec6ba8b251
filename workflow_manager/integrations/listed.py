"""Files that list things by their names: local functions, connections."""

from __future__ import annotations

from pathlib import Path

import yaml

from workflow_manager.kernel.errors import InvalidRequest


def read_listed(path: Path, kind: str) -> dict[str, object]:
    """What a YAML file holds under `kind`, by name.  Raises `InvalidRequest`."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"{kind} of {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{kind} of {path}: not UTF-8: {error}") from None
    except yaml.YAMLError as error:
        raise InvalidRequest(f"{kind} of {path}: not YAML: {error}") from None
    listed = told.get(kind) if isinstance(told, dict) else None
    if not isinstance(listed, dict):
        raise InvalidRequest(f"{kind} of {path}: '{kind}' must hold an object")
    return {str(name): value for name, value in listed.items()}
