from typing import Literal

Manager = Literal["step-functions"]

MANAGER_VALUES: set[Manager] = {
    "step-functions",
}


def check_manager(value: str) -> Manager:
    if value in MANAGER_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MANAGER_VALUES!r}")
