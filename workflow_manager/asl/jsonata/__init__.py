"""JSONata as Step Functions has it: our own reader and evaluator for version 2.0.6 of the language.

    text → tokens → syntax (tree) → rewriting (paths) → compilation (closures) → expression

Nothing here knows of states or executions.  Everything an evaluation depends on comes with it: the
data, the time, the chance, and a budget, so that each one ends and ends the same way every time.
"""

from workflow_manager.asl.jsonata.expression import (
    InvalidJsonata,
    JsonataExpression,
    compile_jsonata,
    variables,
)

__all__ = ["InvalidJsonata", "JsonataExpression", "compile_jsonata", "variables"]
