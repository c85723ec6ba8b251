"""The states that need nobody else: Pass, Choice, Wait, Succeed and Fail."""

from __future__ import annotations

from datetime import datetime

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.failure import NO_CHOICE_MATCHED, EvaluationFailed, Failure
from workflow_manager.asl.nodes import END, Choice, ChoiceRule, Fail, Pass, QueryLanguage, Succeed, Wait
from workflow_manager.engine import fields
from workflow_manager.engine.draft import Draft, Line
from workflow_manager.engine.frames import Sleeping
from workflow_manager.engine.moves import assign, effective_input, give_up, leave
from workflow_manager.engine.retry import Fault
from workflow_manager.kernel.json import ABSENT, Document


def run_pass(draft: Draft, line: Line, node: Pass) -> None:
    if node.result is ABSENT and node.assign is None and node.flow.is_bare:
        leave(draft, line, line.raw, node.next)  # nothing is looked at
        return
    env, effective = effective_input(draft, line)
    flow = node.flow
    result = flow.arguments(env, effective) if node.result is ABSENT else node.result
    scope = env
    if node.assign is not None and flow.language is QueryLanguage.JSONPATH:
        scope = draft.environment(line, result)
    assigned = assign(node.assign, scope)
    leave(draft, line, flow.output(env, line.raw, effective, result), node.next, assigned)


def run_succeed(draft: Draft, line: Line, node: Succeed) -> None:
    if node.assign is None and node.flow.is_bare:
        leave(draft, line, line.raw, END)
        return
    env, effective = effective_input(draft, line)
    output = node.flow.output(env, line.raw, effective, effective)
    leave(draft, line, output, END, assign(node.assign, env))


def run_choice(draft: Draft, line: Line, node: Choice) -> None:
    env, effective = effective_input(draft, line)
    rule = next((rule for rule in node.rules if rule.condition.holds(env)), None)
    if rule is not None:
        output = _chosen_output(node, rule, env, line.raw, effective)
        leave(draft, line, output, rule.next, assign(rule.assign, env))
        return
    if node.default is None:
        raise EvaluationFailed(
            NO_CHOICE_MATCHED,
            "Failed to transition out of the state. The state does not point to a next state.",
        )
    output = node.flow.output(env, line.raw, effective, effective)
    leave(draft, line, output, node.default, assign(node.assign, env))


def run_fail(draft: Draft, line: Line, node: Fail) -> None:
    env = draft.environment(line, line.raw)
    # A catcher is given an empty text for what the state does not say; a task's failure has null there.
    failure = Failure(fields.text(node.error, env) or "", fields.text(node.cause, env) or "")
    give_up(draft, line, Fault(failure))


def run_wait(draft: Draft, line: Line, node: Wait) -> None:
    """Sleep; or go on, where the time has already come."""
    env, _ = effective_input(draft, line)
    due = _due_at(draft, env, node)
    if due <= draft.at:
        finish_wait(draft, line, node)
    else:
        line.waiting = Sleeping(due_at=due)
        draft.next_visit(line)


def finish_wait(draft: Draft, line: Line, node: Wait) -> None:
    env, effective = effective_input(draft, line)
    output = node.flow.output(env, line.raw, effective, effective)
    leave(draft, line, output, node.next, assign(node.assign, env))


def _chosen_output(
    node: Choice, rule: ChoiceRule, env: Environment, raw: Document, effective: Document
) -> Document:
    # The Output and Assign beside Choices belong to the Default.
    if node.flow.language is QueryLanguage.JSONPATH:
        return node.flow.output(env, raw, effective, effective)
    return raw if rule.output is None else Document(value=rule.output.evaluate(env))


def _due_at(draft: Draft, env: Environment, node: Wait) -> datetime:
    language = node.flow.language
    if node.timestamp is not None:
        due = fields.wait_timestamp(node.timestamp, env, language)
        if due - draft.at > fields.MAX_WAIT:
            raise fields.too_long(language)
        return due
    assert node.seconds is not None, "parse lets no Wait state pass without either"
    span = fields.wait_seconds(node.seconds, env, language)
    if span > fields.MAX_WAIT:
        raise fields.too_long(language)
    return draft.at + span
