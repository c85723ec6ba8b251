"""How data goes through a state: which document each stage makes of the one before.

JSONPath:  raw input → InputPath → Parameters → the work → ResultSelector → ResultPath (into the
raw input) → OutputPath.  JSONata: the input → Arguments → the work → Output.  A stage that is not
there hands on the very same document, so a payload that nobody looks into keeps its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.nodes import QueryLanguage
from workflow_manager.asl.paths import ReferencePath
from workflow_manager.kernel.json import Document, Json, document


class Discard(Enum):
    """The type of DISCARD: a path that is null, which is not the same as one that is absent."""

    DISCARD = "discard"


DISCARD: Final = Discard.DISCARD


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFlow:
    """In every path None stands for `$`, DISCARD for null."""

    input_path: Expression | Discard | None = None
    parameters: Expression | None = None
    result_selector: Expression | None = None
    result_path: ReferencePath | Discard | None = None
    output_path: Expression | Discard | None = None
    language: QueryLanguage = QueryLanguage.JSONPATH

    @property
    def is_bare(self) -> bool:
        return (
            self.input_path is None
            and self.parameters is None
            and self.result_selector is None
            and self.result_path is None
            and self.output_path is None
        )

    def effective_input(self, env: Environment, raw: Document) -> Document:
        return _filtered(self.input_path, env, raw)

    def arguments(self, env: Environment, effective: Document) -> Document:
        if self.parameters is None:
            return effective
        return document(self.parameters.evaluate(_looking_at(env, effective.value)))

    def output(self, env: Environment, raw: Document, effective: Document, result: Document) -> Document:
        return self.filtered(env, self.combined(raw, self.selected(env, result)))

    def selected(self, env: Environment, result: Document) -> Document:
        """After ResultSelector."""
        if self.result_selector is None:
            return result
        return document(self.result_selector.evaluate(_looking_at(env, result.value)))

    def combined(self, raw: Document, selected: Document) -> Document:
        """After ResultPath."""
        return _combined(self.result_path, raw, selected)

    def filtered(self, env: Environment, combined: Document) -> Document:
        """After OutputPath."""
        return _filtered(self.output_path, env, combined)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataFlow:
    arguments_template: Expression | None = None
    output_template: Expression | None = None
    language: QueryLanguage = QueryLanguage.JSONATA

    @property
    def is_bare(self) -> bool:
        return self.arguments_template is None and self.output_template is None

    def effective_input(self, env: Environment, raw: Document) -> Document:
        return raw

    def arguments(self, env: Environment, effective: Document) -> Document:
        if self.arguments_template is None:
            return effective
        return document(self.arguments_template.evaluate(env))

    def output(self, env: Environment, raw: Document, effective: Document, result: Document) -> Document:
        if self.output_template is None:
            return result
        return document(self.output_template.evaluate(env))


@dataclass(frozen=True, slots=True)
class PathCatchFlow:
    result_path: ReferencePath | Discard | None = None

    def output(self, env: Environment, raw: Document, error_output: Json) -> Document:
        return _combined(self.result_path, raw, document(error_output))


@dataclass(frozen=True, slots=True)
class JsonataCatchFlow:
    output_template: Expression | None = None

    def output(self, env: Environment, raw: Document, error_output: Json) -> Document:
        if self.output_template is None:
            return document(error_output)
        return document(self.output_template.evaluate(env))


def _filtered(path: Expression | Discard | None, env: Environment, given: Document) -> Document:
    if path is None:
        return given
    if isinstance(path, Discard):
        return document({})
    return document(path.evaluate(_looking_at(env, given.value)))


def _combined(path: ReferencePath | Discard | None, raw: Document, result: Document) -> Document:
    if path is None:
        return result
    if isinstance(path, Discard):
        return raw
    return document(path.write(raw.value, result.value))


def _looking_at(env: Environment, value: Json) -> Environment:
    """The same world with another `$`."""
    if env.input is value:
        return env
    return Environment(
        input=value,
        context=env.context,
        variables=env.variables,
        result=env.result,
        error_output=env.error_output,
        now=env.now,
        random=env.random,
    )
