"""Connexion on our swagger.yml with nothing behind it: `python -m bench.bare_connexion PORT`.

What REST could be at best: the same server, the same validation of a request, and a fixed answer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import connexion
import uvicorn
from connexion.resolver import Resolver

SPEC = Path(__file__).parent.parent / "swagger.yml"


async def answer(**_: Any) -> tuple[dict[str, str], int]:
    return {"id": "0"}, 200


def main(port: int) -> None:
    app = connexion.AsyncApp(__name__)
    app.add_api(SPEC, resolver=Resolver(lambda _: answer), pythonic_params=True)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
