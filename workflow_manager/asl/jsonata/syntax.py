"""Reads an expression into a tree: operators, how tightly they bind, and what may stand where.

The tree still has the shape of the text; `rewriting` makes paths of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from workflow_manager.asl.jsonata.errors import JsonataError, too_deep
from workflow_manager.asl.jsonata.signature import Signature
from workflow_manager.asl.jsonata.tokens import Kind, Token, Tokenizer


@dataclass(slots=True)
class Slot:
    """Where a `%` finds the object it stands for: `level` steps up, bound under `label`."""

    label: str
    level: int


@dataclass(slots=True, eq=False)
class Node:
    """One part of an expression; which members it has depends on its type."""

    type: str
    position: int
    value: Any = None
    lhs: Any = None
    rhs: Any = None
    expression: Node | None = None
    expressions: list[Node] | None = None
    arguments: list[Node] | None = None
    procedure: Node | None = None
    body: Node | None = None
    signature: Signature | None = None
    condition: Node | None = None
    then: Node | None = None
    otherwise: Node | None = None
    pattern: Node | None = None
    update: Node | None = None
    delete: Node | None = None
    terms: list[SortTerm] | None = None
    steps: list[Node] | None = None
    predicate: list[Node] | None = None
    stages: list[Node] | None = None
    group: Node | None = None
    slot: Slot | None = None
    seeking_parent: list[Slot] | None = None
    ancestor: Slot | None = None
    focus: str | None = None
    index: str | None = None
    tuple: bool = False
    keep_array: bool = False
    keep_singleton_array: bool = False
    construct_array: bool = False


@dataclass(slots=True)
class SortTerm:
    expression: Node
    descending: bool


# How tightly an operator binds what stands on its left.  What is not here ends an expression.
_BINDING: Final = {
    ".": 75,
    "[": 80,
    "{": 70,
    "(": 80,
    "@": 80,
    "#": 80,
    "?": 20,
    "+": 50,
    "-": 50,
    "*": 60,
    "/": 60,
    "%": 60,
    "=": 40,
    "<": 40,
    ">": 40,
    "^": 40,
    ":=": 10,
    "!=": 40,
    "<=": 40,
    ">=": 40,
    "~>": 40,
    "and": 30,
    "or": 25,
    "in": 40,
    "&": 50,
}
_BINARY: Final = frozenset(
    [".", "+", "-", "*", "/", "%", "=", "<", ">", "!=", "<=", ">=", "~>", "and", "or", "in", "&"]
)
_KNOWN: Final = frozenset([*_BINDING, "]", "}", ")", ",", ";", ":", "|", "**", ".."])
_MAX_DEPTH: Final = 100


def parse(text: str) -> Node:
    """The tree of an expression.  Raises `JsonataError`."""
    return _Parser(text).whole()


class _Parser:
    """Top-down operator precedence, after Vaughan Pratt."""

    def __init__(self, text: str) -> None:
        self._tokens = Tokenizer(text)
        self._depth = 0
        self._token: Token = self._next(operator_may_follow=False)

    def whole(self) -> Node:
        node = self._expression(0)
        if self._token.kind is not Kind.END:
            raise JsonataError("S0201", self._token.position, token=self._token.value)
        return node

    def _next(self, operator_may_follow: bool) -> Token:
        token = self._tokens.next(operator_may_follow)
        if token.kind is Kind.OPERATOR and token.value not in _KNOWN:
            raise JsonataError("S0204", token.position, token=token.value)
        return token

    def _advance(self, expected: str | None = None, operator_may_follow: bool = False) -> Token:
        token = self._token
        if expected is not None and not self._at(expected):
            code = "S0203" if token.kind is Kind.END else "S0202"
            raise JsonataError(code, token.position, token=token.value, value=expected)
        self._token = self._next(operator_may_follow)
        return token

    def _at(self, *operators: str) -> bool:
        return self._token.kind is Kind.OPERATOR and self._token.value in operators

    def _expression(self, binding: int) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise too_deep()
        token = self._advance(operator_may_follow=True)
        left = self._prefix(token)
        while self._token.kind is Kind.OPERATOR and _BINDING.get(self._token.value, 0) > binding:
            left = self._infix(self._advance(), left)
        self._depth -= 1
        return left

    def _prefix(self, token: Token) -> Node:
        """What a token means where an operand is expected."""
        if token.kind is not Kind.OPERATOR:
            return Node(token.kind.value, token.position, token.value)
        match token.value:
            case "-":
                node = Node("unary", token.position, "-")
                node.expression = self._expression(70)
                return node
            case "*":
                return Node("wildcard", token.position, "*")
            case "**":
                return Node("descendant", token.position, "**")
            case "%":
                return Node("parent", token.position, "%")
            case "(":
                return self._block(token)
            case "[":
                return self._array(token)
            case "{":
                return Node("unary", token.position, "{", lhs=self._pairs())
            case "|":
                return self._transform(token)
            case "and" | "or" | "in":
                return Node("name", token.position, token.value)
        raise JsonataError("S0211", token.position, token=token.value)

    def _infix(self, token: Token, left: Node) -> Node:
        """What a token means after an operand."""
        operator = token.value
        match operator:
            case "(":
                return self._call(token, left)
            case "[":
                return self._predicate(token, left)
            case "{":
                return Node("binary", token.position, "{", lhs=left, rhs=self._pairs())
            case "^":
                node = Node("binary", token.position, "^", lhs=left)
                node.terms = self._sort_terms()
                return node
            case ":=":
                if left.type != "variable":
                    raise JsonataError("S0212", left.position, token=left.value)
                return Node("binary", token.position, ":=", left, self._expression(_BINDING[":="] - 1))
            case "@" | "#":
                right = self._expression(_BINDING[operator])
                if right.type != "variable":
                    raise JsonataError("S0214", right.position, token=operator)
                return Node("binary", token.position, operator, left, right)
            case "?":
                return self._conditional(token, left)
        assert operator in _BINARY
        return Node("binary", token.position, operator, left, self._expression(_BINDING[operator]))

    def _conditional(self, token: Token, condition: Node) -> Node:
        node = Node("condition", token.position, condition=condition)
        node.then = self._expression(0)
        if self._at(":"):
            self._advance(":")
            node.otherwise = self._expression(0)
        return node

    def _block(self, token: Token) -> Node:
        expressions: list[Node] = []
        while not self._at(")"):
            expressions.append(self._expression(0))
            if not self._at(";"):
                break
            self._advance(";")
        self._advance(")", operator_may_follow=True)
        return Node("block", token.position, expressions=expressions)

    def _array(self, token: Token) -> Node:
        items: list[Node] = []
        if not self._at("]"):
            while True:
                item = self._expression(0)
                if self._at(".."):
                    position = self._token.position
                    self._advance("..")
                    item = Node("binary", position, "..", item, self._expression(0))
                items.append(item)
                if not self._at(","):
                    break
                self._advance(",")
        self._advance("]", operator_may_follow=True)
        return Node("unary", token.position, "[", expressions=items)

    def _pairs(self) -> list[tuple[Node, Node]]:
        pairs: list[tuple[Node, Node]] = []
        if not self._at("}"):
            while True:
                key = self._expression(0)
                self._advance(":")
                pairs.append((key, self._expression(0)))
                if not self._at(","):
                    break
                self._advance(",")
        self._advance("}", operator_may_follow=True)
        return pairs

    def _transform(self, token: Token) -> Node:
        node = Node("transform", token.position)
        node.pattern = self._expression(0)
        self._advance("|")
        node.update = self._expression(0)
        if self._at(","):
            self._advance(",")
            node.delete = self._expression(0)
        self._advance("|", operator_may_follow=True)
        return node

    def _predicate(self, token: Token, left: Node) -> Node:
        if not self._at("]"):
            node = Node("binary", token.position, "[", left, self._expression(0))
            self._advance("]", operator_may_follow=True)
            return node
        # `[]` keeps a sequence of one an array: a mark on the step before it.
        step = left
        while step.type == "binary" and step.value == "[":
            step = step.lhs
        step.keep_array = True
        self._advance("]", operator_may_follow=True)
        return left

    def _sort_terms(self) -> list[SortTerm]:
        self._advance("(")
        terms: list[SortTerm] = []
        while True:
            descending = self._at(">")
            if self._at("<", ">"):
                self._advance()
            terms.append(SortTerm(self._expression(0), descending))
            if not self._at(","):
                break
            self._advance(",")
        self._advance(")", operator_may_follow=True)
        return terms

    def _call(self, token: Token, procedure: Node) -> Node:
        node = Node("function", token.position, "(", procedure=procedure, arguments=[])
        assert node.arguments is not None
        if not self._at(")"):
            while True:
                if self._at("?"):
                    node.type = "partial"
                    node.arguments.append(Node("operator", self._token.position, "?"))
                    self._advance("?", operator_may_follow=True)
                else:
                    node.arguments.append(self._expression(0))
                if not self._at(","):
                    break
                self._advance(",")
        self._advance(")", operator_may_follow=True)
        if procedure.type == "name" and procedure.value in ("function", "λ"):
            self._lambda(node)
        return node

    def _lambda(self, node: Node) -> None:
        for index, argument in enumerate(node.arguments or ()):
            if argument.type != "variable":
                raise JsonataError("S0208", argument.position, token=argument.value, value=index + 1)
        node.type = "lambda"
        if self._at("<"):
            node.signature = Signature(self._signature_text())
        self._advance("{")
        node.body = self._expression(0)
        self._advance("}", operator_may_follow=True)

    def _signature_text(self) -> str:
        text, depth = "", 0
        while True:
            if self._at("<"):
                depth += 1
            elif self._at(">"):
                depth -= 1
            elif self._at("{") or self._token.kind is Kind.END:
                raise JsonataError("S0202", self._token.position, token=self._token.value, value=">")
            text += str(self._token.value)
            self._advance()
            if depth == 0:
                return text
