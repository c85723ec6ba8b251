"""Actions that are no operations of their service: Step Functions' own words for one thing out of many.

EMR's operations take lists of clusters and of steps, its actions one of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workflow_manager.integrations.members import Members, find, gathered
from workflow_manager.integrations.shapes import Unfit
from workflow_manager.kernel.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """`arguments` and `answer` are members of the request and of the result, by where they are found.

    Without `arguments` the state's are the request's own, but for those `refused`.
    """

    operation: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    answer: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def request(self, arguments: Members) -> Members:
        """Raises `Unfit`."""
        known = {path.removeprefix("[]").lower() for path in self.arguments.values()}
        for name in arguments:
            if name.lower() in self.refused or (self.arguments and name.lower() not in known):
                raise Unfit(f'The field "{name}" is not supported by Step Functions')
        return gathered(arguments, self.arguments) if self.arguments else arguments

    def shown(self, answer: Members) -> Members:
        """With the action's own members in the place of the operation's."""
        own = {path.partition(".")[0] for path in self.answer.values()}
        rest = {name: value for name, value in answer.items() if name not in own}
        found: dict[str, Json] = {name: find(answer, path) for name, path in self.answer.items()}
        return {name: value for name, value in found.items() if value is not None} | rest


TRANSLATED: Final[Mapping[tuple[str, str], Translated]] = {
    ("elasticmapreduce", "addStep"): Translated(
        operation="AddJobFlowSteps",
        arguments={"JobFlowId": "ClusterId", "Steps": "[]Step", "ExecutionRoleArn": "ExecutionRoleArn"},
        answer={"StepId": "StepIds.0"},
    ),
    ("elasticmapreduce", "cancelStep"): Translated(
        operation="CancelSteps",
        arguments={
            "ClusterId": "ClusterId",
            "StepIds": "[]StepId",
            "StepCancellationOption": "StepCancellationOption",
        },
        answer={"CancelStepsInfo": "CancelStepsInfoList.0"},
    ),
    ("elasticmapreduce", "createCluster"): Translated(
        operation="RunJobFlow",
        answer={"ClusterId": "JobFlowId"},
        refused=frozenset(("steps",)),
    ),
    ("elasticmapreduce", "setClusterTerminationProtection"): Translated(
        operation="SetTerminationProtection",
        arguments={"JobFlowIds": "[]ClusterId", "TerminationProtected": "TerminationProtected"},
    ),
    ("elasticmapreduce", "terminateCluster"): Translated(
        operation="TerminateJobFlows", arguments={"JobFlowIds": "[]ClusterId"}
    ),
}
"""By service and action, as in the resource."""
