"""The page of the Step Functions protocol: AWS's operations, and which of them are answered."""

from __future__ import annotations

from docs.writing.tables import code, table
from workflow_manager.protocol.model import description
from workflow_manager.protocol.operations import HANDLERS, TAKE

HEAD = """\
# Step Functions operations

Generated from the server's own table, and from the description of the service that botocore ships, by
`make docs`.

The server answers these on the port where it serves REST: AWS JSON 1.0, a `POST` to `/` with
`X-Amz-Target: AWSStepFunctions.<operation>`. Requests are checked against the same description as AWS's,
and refused with AWS's words. [Which errors there are](errors.md), [how to point a client
here](../how-to/use-boto3.md), [how faithful the answers are](../discussion/faithful-to-aws.md).

"""


def page() -> str:
    """The whole page."""
    answered = {*HANDLERS, TAKE}
    rows = []
    for name, operation in sorted(description()["operations"].items()):
        shape = description()["shapes"][operation["input"]["shape"]]
        required = shape.get("required", [])
        optional = [member for member in shape["members"] if member not in required]
        rows.append(
            (
                code(name),
                "yes" if name in answered else "**no**",
                ", ".join(map(code, required)),
                ", ".join(map(code, optional)),
            )
        )
    known = sum(name in answered for name in description()["operations"])
    count = f"{known} of AWS's {len(rows)} operations are answered.\n\n"
    return (HEAD + count + table(("operation", "answered", "required", "optional"), rows)).rstrip("\n") + "\n"
