"""Turns an expression's tree into closures, once; running them is evaluating the expression.

Every closure takes the context value and the variables in scope.  What a part can look like is
decided here and not again at each evaluation.  Paths, what selects from them, calls and transformations
have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from workflow_manager.asl.jsonata import paths, selecting
from workflow_manager.asl.jsonata.calls import (
    Composition,
    Evaluator,
    Frame,
    Lambda,
    Run,
    TailCall,
    apply,
)
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.invocation import compile_call, compile_partial, prepare_call
from workflow_manager.asl.jsonata.matching import Matcher
from workflow_manager.asl.jsonata.operators import ARITHMETIC, COMPARISONS, concatenate, included, span
from workflow_manager.asl.jsonata.syntax import Node
from workflow_manager.asl.jsonata.transforming import compile_transform
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    ConstructedArray,
    Function,
    Sequence,
    Value,
    equal,
    is_number,
    number,
    truth,
    unwrapped,
)

# Their results are never sequences, so there is nothing to unwrap.
_PLAIN = frozenset(["string", "number", "value", "regex", "lambda", "transform"])


def compile_node(node: Node) -> Evaluator:
    """The evaluator of a rewritten tree.  Raises `JsonataError` for a malformed regular expression."""
    evaluate = _COMPILERS[node.type](node)
    if node.predicate is not None:
        evaluate = _filtered(evaluate, node.predicate)
    if node.type != "path" and node.group is not None:
        evaluate = _grouped(evaluate, selecting.compile_group(node.group, compile_node))
    if node.type in _PLAIN and node.predicate is None and node.group is None:
        return evaluate
    return _kept(evaluate) if node.keep_array else _unwrapping(evaluate)


def _filtered(evaluate: Evaluator, predicates: list[Node]) -> Evaluator:
    filters = [selecting.compile_filter(predicate, compile_node) for predicate in predicates]

    def filtered(context: Value, frame: Frame) -> Value:
        result = evaluate(context, frame)
        for keep in filters:
            result = keep(result, frame)
        return result

    return filtered


def _grouped(evaluate: Evaluator, group: Evaluator) -> Evaluator:
    return lambda context, frame: group(evaluate(context, frame), frame)


def _unwrapping(evaluate: Evaluator) -> Evaluator:
    def unwrap(context: Value, frame: Frame) -> Value:
        result = evaluate(context, frame)
        return unwrapped(result) if type(result) is Sequence else result

    return unwrap


def _kept(evaluate: Evaluator) -> Evaluator:
    def keep(context: Value, frame: Frame) -> Value:
        result = evaluate(context, frame)
        if type(result) is Sequence and not result.tuples:
            result.keep_singleton = True
        return unwrapped(result)

    return keep


def _literal(node: Node) -> Evaluator:
    value = node.value
    return lambda context, frame: value


def _name(node: Node) -> Evaluator:
    name = node.value

    def look_up(context: Value, frame: Frame) -> Value:
        if isinstance(context, dict):
            return context.get(name, UNDEFINED)
        return paths.lookup(context, name)

    return look_up


def _variable(node: Node) -> Evaluator:
    name = node.value
    if name == "":
        return lambda context, frame: context[0] if type(context) is Sequence and context.wrapper else context
    return lambda context, frame: frame.lookup(name)


def _parent(node: Node) -> Evaluator:
    # The slot's label may still change while other parts are rewritten, but not any more by now.
    assert node.slot is not None
    label = node.slot.label
    return lambda context, frame: frame.lookup(label)


def _wildcard(node: Node) -> Evaluator:
    return lambda context, frame: paths.members(context, frame.run)


def _descendant(node: Node) -> Evaluator:
    def descend(context: Value, frame: Frame) -> Value:
        found = Sequence()
        if context is not UNDEFINED:
            paths.collect_descendants(context, found, frame.run)
        return found

    return descend


def _regex(node: Node) -> Evaluator:
    matcher = Matcher(*node.value)
    return lambda context, frame: matcher


def _unary(node: Node) -> Evaluator:
    if node.value == "[":
        return _array(node)
    if node.value == "{":
        return selecting.compile_group(node, compile_node)
    assert node.expression is not None
    operand, position = compile_node(node.expression), node.position

    def negate(context: Value, frame: Frame) -> Value:
        value = operand(context, frame)
        if value is UNDEFINED:
            return UNDEFINED
        if not is_number(value):
            raise JsonataError("D1002", position, token="-", value=value)
        return number(-value)

    return negate


def _array(node: Node) -> Evaluator:
    items = [
        (compile_node(item), item.type == "unary" and item.value == "[") for item in node.expressions or ()
    ]
    construct = node.construct_array

    def build(context: Value, frame: Frame) -> Value:
        result: Value = []
        for evaluate, is_array in items:
            value = evaluate(context, frame)
            if value is UNDEFINED:
                continue
            if is_array or not isinstance(value, list):
                result.append(value)
            else:
                result.extend(value)
        frame.run.spend(len(result))
        return ConstructedArray(result) if construct else result

    return build


def _binary(node: Node) -> Evaluator:
    left, right = compile_node(node.lhs), compile_node(node.rhs)
    operator, position = node.value, node.position
    if operator in ("and", "or"):
        return _logical(left, right, operator)
    if operator in ("=", "!="):
        return _equality(left, right, operator == "!=")
    operate: Callable[[Run, Value, Value], Value] = {
        **ARITHMETIC,
        **COMPARISONS,
        "&": concatenate,
        "..": span,
        "in": included,
    }[operator]

    def binary(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        frame.run.spend(1)
        try:
            return operate(frame.run, first, second)
        except JsonataError as error:
            error.at(operator, position)
            raise

    return binary


def _logical(left: Evaluator, right: Evaluator, operator: str) -> Evaluator:
    if operator == "and":
        return lambda context, frame: (
            truth(left(context, frame), frame.run) and truth(right(context, frame), frame.run)
        )
    return lambda context, frame: (
        truth(left(context, frame), frame.run) or truth(right(context, frame), frame.run)
    )


def _equality(left: Evaluator, right: Evaluator, negated: bool) -> Evaluator:
    def compare(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        if first is UNDEFINED or second is UNDEFINED:
            return False
        return equal(first, second, frame.run) is not negated

    return compare


def _condition(node: Node) -> Evaluator:
    assert node.condition is not None
    assert node.then is not None
    otherwise = compile_node(node.otherwise) if node.otherwise is not None else None
    return _choose(node.condition, compile_node(node.then), otherwise)


def _choose(question: Node, then: Evaluator, otherwise: Evaluator | None) -> Evaluator:
    condition = compile_node(question)

    def choose(context: Value, frame: Frame) -> Value:
        if truth(condition(context, frame), frame.run):
            return then(context, frame)
        return otherwise(context, frame) if otherwise is not None else UNDEFINED

    return choose


def _block(node: Node) -> Evaluator:
    return _in_order([compile_node(part) for part in node.expressions or ()])


def _in_order(parts: list[Evaluator]) -> Evaluator:
    def block(context: Value, frame: Frame) -> Value:
        inner = frame.inner({})
        result: Value = UNDEFINED
        for part in parts:
            result = part(context, inner)
        return result

    return block


def _bind(node: Node) -> Evaluator:
    name, evaluate = node.lhs.value, compile_node(node.rhs)

    def bind(context: Value, frame: Frame) -> Value:
        value = evaluate(context, frame)
        frame.bindings[name] = value
        return value

    return bind


def _lambda(node: Node) -> Evaluator:
    assert node.body is not None
    parameters = tuple(argument.value for argument in node.arguments or ())
    body, signature = _compile_tail(node.body), node.signature
    return lambda context, frame: Lambda(parameters, signature, body, context, frame)


def _compile_tail(node: Node) -> Evaluator:
    """The body of a lambda: a call that would be its last act is returned instead of made."""
    if node.predicate is not None or node.group is not None:
        return compile_node(node)
    if node.type == "function":
        prepare = prepare_call(node, compile_node)

        def defer(context: Value, frame: Frame) -> Value:
            return TailCall(*prepare(context, frame))

        return defer
    if node.type == "condition":
        assert node.condition is not None
        assert node.then is not None
        otherwise = _compile_tail(node.otherwise) if node.otherwise is not None else None
        return _choose(node.condition, _compile_tail(node.then), otherwise)
    if node.type == "block" and node.expressions:
        *first, last = node.expressions
        return _in_order([*(compile_node(part) for part in first), _compile_tail(last)])
    return compile_node(node)


def _apply(node: Node) -> Evaluator:
    left = compile_node(node.lhs)
    if node.rhs.type == "function":
        call = compile_call(node.rhs, compile_node, left)
        if node.rhs.predicate is not None:
            call = _filtered(call, node.rhs.predicate)
        return call
    right, position = compile_node(node.rhs), node.position

    def pipe(context: Value, frame: Frame) -> Value:
        value, function = left(context, frame), right(context, frame)
        if not isinstance(function, Function):
            raise JsonataError("T2006", position, value=function)
        if isinstance(value, Function):
            return Composition(value, function)
        return apply(frame.run, function, [value])

    return pipe


_COMPILERS: dict[str, Callable[[Node], Evaluator]] = {
    "path": lambda node: paths.compile_path(node, compile_node),
    "binary": _binary,
    "unary": _unary,
    "name": _name,
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "wildcard": _wildcard,
    "descendant": _descendant,
    "parent": _parent,
    "condition": _condition,
    "block": _block,
    "bind": _bind,
    "regex": _regex,
    "function": lambda node: compile_call(node, compile_node),
    "variable": _variable,
    "lambda": _lambda,
    "partial": lambda node: compile_partial(node, compile_node),
    "apply": _apply,
    "transform": lambda node: compile_transform(node, compile_node),
}
