"""Tables as the original service made them, with items as it wrote them.  Source: spec section 7.2."""

from __future__ import annotations

import random
from typing import Any

from workflow_manager.store.dynamodb.tables import DynamoDBSettings, TableNames

ZERO = {"S": "0001-01-01T00:00:00Z"}

ORIGINAL: dict[str, Any] = {
    "id": {"S": "w"},
    "_gsi-wn": {"S": "wf:m"},
    "_gsi-ca": {"S": "2023-11-14T22:13:20.12Z"},
    "_ttl": {"N": "1702592000"},
    "Workflow": {
        "M": {
            "id": {"S": "w"},
            "createdAt": {"S": "2023-11-14T22:13:20.12Z"},
            "lastUpdated": {"S": "2023-11-14T22:13:21.123456789Z"},
            "stoppedAt": ZERO,
            "status": {"S": "failed"},
            "namespace": {"S": "dev"},
            "queue": {"S": "default"},
            "input": {"S": '{"a": 1}'},
            "tags": {"M": {"team": {"S": "infra"}}},
            "retries": {"NULL": True},
            "jobs": {"NULL": True},
            "lastJob": {
                "M": {
                    "id": {"S": "17"},
                    "state": {"S": "s"},
                    "status": {"S": "failed"},
                    "createdAt": {"S": "2023-11-14T22:13:21Z"},
                    "startedAt": ZERO,
                    "stoppedAt": ZERO,
                    "attempts": {"NULL": True},
                    "stateResource": {
                        "M": {"name": {"S": "echo"}, "type": {"S": "ActivityARN"}, "lastUpdated": ZERO}
                    },
                }
            },
            "workflowDefinition": {
                "M": {
                    "id": {"S": "d"},
                    "name": {"S": "wf:m"},
                    "createdAt": ZERO,
                    "stateMachine": {
                        "M": {
                            "StartAt": {"S": "s"},
                            "States": {"M": {"s": {"M": {"Type": {"S": "Task"}, "Retry": {"NULL": True}}}}},
                        }
                    },
                }
            },
        }
    },
}


RESOURCE: dict[str, Any] = {
    "name": {"S": "echo"},
    "namespace": {"S": "dev"},
    "StateResource": {
        "M": {
            "name": {"S": "echo"},
            "namespace": {"S": "dev"},
            "uri": {"S": "arn:aws:states:us-west-2:123456789012:activity:dev--echo"},
            "type": {"S": "ActivityARN"},
            "lastUpdated": {"S": "2023-11-14T22:13:20.5Z"},
        }
    },
}


def definition(version: int) -> dict[str, Any]:
    return {
        "name": {"S": "wf"},
        "version": {"N": str(version)},
        "workflow-definition": {
            "M": {
                "id": {"S": f"id of {version}"},
                "name": {"S": "wf"},
                "version": {"N": str(version)},
                "createdAt": {"S": f"2023-11-14T22:13:2{version}.12Z"},
                "manager": {"S": "step-functions"},
                "defaultTags": {"M": {"team": {"S": "infra"}}},
                "stateMachine": {
                    "M": {
                        "Version": {"S": "1.0"},
                        "StartAt": {"S": "s"},
                        "States": {
                            "M": {
                                "s": {
                                    "M": {
                                        "Type": {"S": "Task"},
                                        "Resource": {"S": "echo"},
                                        "TimeoutSeconds": {"N": "60"},
                                        "End": {"BOOL": True},
                                        "Retry": {"NULL": True},
                                    }
                                }
                            }
                        },
                    }
                },
            }
        },
    }


def make_original_tables(client: Any, settings: DynamoDBSettings) -> None:
    """With a failed workflow, a state resource, and a definition of two versions, of which the table of
    the latest has only heard of the first: an update was interrupted."""
    names = TableNames(settings)
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    keys = {
        names.versions: ["name", "version"],
        names.latest: ["name"],
        names.resources: ["name", "namespace"],
    }
    for table, key in keys.items():
        client.create_table(TableName=table, ProvisionedThroughput=throughput, **_keyed(key))
    client.create_table(
        TableName=names.workflows,
        ProvisionedThroughput=throughput,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "workflowname-createdat",
                "KeySchema": _keyed(["_gsi-wn", "_gsi-ca"])["KeySchema"],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": throughput,
            }
        ],
        **_keyed(["id"], "_gsi-wn", "_gsi-ca"),
    )
    client.put_item(TableName=names.workflows, Item=ORIGINAL)
    client.put_item(TableName=names.resources, Item=RESOURCE)
    client.put_item(TableName=names.latest, Item=definition(0))
    for version in (0, 1):
        client.put_item(TableName=names.versions, Item=definition(version))


def _keyed(key: list[str], *more: str) -> dict[str, Any]:
    return {
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
        ],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "N" if name == "version" else "S"}
            for name in (*key, *more)
        ],
    }


def noise(length: int) -> str:
    """Text that compresses to about half."""
    return random.Random(7).randbytes(length // 2).hex()
