"""Which fields each kind of object in a definition may have, and in which query language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workflow_manager.asl.nodes import QueryLanguage


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields that are allowed in both query languages, and those of only one of them."""

    both: frozenset[str]
    jsonpath: frozenset[str] = frozenset()
    jsonata: frozenset[str] = frozenset()

    def allowed(self, language: QueryLanguage) -> frozenset[str]:
        return self.both | (self.jsonata if language is QueryLanguage.JSONATA else self.jsonpath)

    def elsewhere(self, language: QueryLanguage) -> Mapping[str, str]:
        """For each field of the other language, what is wrong with it here."""
        others = self.jsonpath if language is QueryLanguage.JSONATA else self.jsonata
        reason = f"Field is not supported when 'QueryLanguage' is '{language.value}'"
        return dict.fromkeys(others - self.allowed(language), reason)


_STATE = "Type Comment QueryLanguage"
_MOVING = "Next End Assign"
_RECOVERY = "Retry Catch"

STATES: Final[Mapping[str, Vocabulary]] = {
    "Task": Vocabulary(
        _names(f"{_STATE} {_MOVING} {_RECOVERY} Resource TimeoutSeconds HeartbeatSeconds Credentials"),
        _names(
            "InputPath OutputPath Parameters ResultSelector ResultPath"
            " TimeoutSecondsPath HeartbeatSecondsPath"
        ),
        _names("Arguments Output"),
    ),
    "Pass": Vocabulary(
        _names(f"{_STATE} {_MOVING}"),
        _names("InputPath OutputPath Parameters ResultPath Result"),
        _names("Output"),
    ),
    "Wait": Vocabulary(
        _names(f"{_STATE} {_MOVING} Seconds Timestamp"),
        _names("InputPath OutputPath SecondsPath TimestampPath"),
        _names("Output"),
    ),
    "Choice": Vocabulary(
        _names(f"{_STATE} Choices Default Assign"), _names("InputPath OutputPath"), _names("Output")
    ),
    "Succeed": Vocabulary(_names(_STATE), _names("InputPath OutputPath"), _names("Output")),
    "Fail": Vocabulary(_names(f"{_STATE} Error Cause"), _names("ErrorPath CausePath")),
    "Parallel": Vocabulary(
        _names(f"{_STATE} {_MOVING} {_RECOVERY} Branches"),
        _names("InputPath OutputPath Parameters ResultSelector ResultPath"),
        _names("Arguments Output"),
    ),
    "Map": Vocabulary(
        _names(
            f"{_STATE} {_MOVING} {_RECOVERY} ItemProcessor Iterator ItemSelector MaxConcurrency ItemReader"
            " ItemBatcher ResultWriter ToleratedFailureCount ToleratedFailurePercentage Label"
        ),
        _names(
            "InputPath OutputPath ItemsPath Parameters ResultSelector ResultPath MaxConcurrencyPath"
            " ToleratedFailureCountPath ToleratedFailurePercentagePath"
        ),
        _names("Items Output"),
    ),
}

MACHINE: Final = _names("Comment QueryLanguage StartAt States TimeoutSeconds Version")
BRANCH: Final = _names("Comment StartAt States")
PROCESSOR: Final = BRANCH | _names("ProcessorConfig")

RETRIER: Final = _names(
    "ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Comment"
)
CATCHER: Final = Vocabulary(_names("ErrorEquals Next Assign Comment"), _names("ResultPath"), _names("Output"))
RULE: Final = Vocabulary(_names("Next Assign Comment"), jsonata=_names("Condition Output"))

ITEM_READER: Final = Vocabulary(_names("Resource ReaderConfig"), _names("Parameters"), _names("Arguments"))
READER_CONFIG: Final = Vocabulary(
    _names(
        "InputType Transformation ManifestType CSVHeaderLocation CSVHeaders CSVDelimiter MaxItems"
        " ItemsPointer"
    ),
    _names("MaxItemsPath"),
)
ITEM_BATCHER: Final = Vocabulary(
    _names("BatchInput MaxItemsPerBatch MaxInputBytesPerBatch"),
    _names("MaxItemsPerBatchPath MaxInputBytesPerBatchPath"),
)
RESULT_WRITER: Final = Vocabulary(_names("Resource WriterConfig"), _names("Parameters"), _names("Arguments"))
