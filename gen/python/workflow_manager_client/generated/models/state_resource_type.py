from typing import Literal

StateResourceType = Literal["ActivityARN", "JobDefinitionARN", "LambdaFunctionARN", "TaskARN"]

STATE_RESOURCE_TYPE_VALUES: set[StateResourceType] = {
    "ActivityARN",
    "JobDefinitionARN",
    "LambdaFunctionARN",
    "TaskARN",
}


def check_state_resource_type(value: str) -> StateResourceType:
    if value in STATE_RESOURCE_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {STATE_RESOURCE_TYPE_VALUES!r}")
