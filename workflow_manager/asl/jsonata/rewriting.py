"""Makes paths of the tree that was read: steps, their predicates, and where each `%` is bound."""

from __future__ import annotations

from itertools import count

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.syntax import Node, Slot, SortTerm


def rewrite(tree: Node) -> Node:
    """The same expression, ready to be evaluated.  Raises `JsonataError`."""
    node = _Rewriter().rewrite(tree)
    if node.type == "parent" or node.seeking_parent is not None:
        raise JsonataError("S0217", node.position, token=node.type)
    return node


class _Rewriter:
    def __init__(self) -> None:
        self._labels = count()

    def rewrite(self, node: Node) -> Node:
        match node.type:
            case "binary":
                result = self._binary(node)
            case "unary":
                result = self._unary(node)
            case "name":
                result = Node("path", node.position, steps=[node], keep_singleton_array=node.keep_array)
            case "parent":
                node.slot = Slot(f"!{next(self._labels)}", 1)
                result = node
            case "function" | "partial":
                result = self._function(node)
            case "lambda":
                assert node.body is not None
                node.body = self.rewrite(node.body)
                result = node
            case "condition":
                result = self._condition(node)
            case "transform":
                result = self._transform(node)
            case "block":
                result = self._block(node)
            case "end":
                raise JsonataError("S0207", node.position, token=node.value)
            case _:
                result = node
        if node.keep_array:
            result.keep_array = True
        return result

    def _adopt(self, parent: Node, child: Node) -> Node:
        """`child` rewritten; a `%` in it that is not bound yet is now sought by `parent`."""
        rewritten = self.rewrite(child)
        _push_ancestry(parent, rewritten)
        return rewritten

    def _unary(self, node: Node) -> Node:
        if node.value == "[":
            node.expressions = [self._adopt(node, item) for item in node.expressions or ()]
        elif node.value == "{":
            node.lhs = [(self._adopt(node, key), self._adopt(node, value)) for key, value in node.lhs]
        else:
            assert node.expression is not None
            operand = self.rewrite(node.expression)
            if operand.type == "number":
                operand.value = -operand.value
                return operand
            _push_ancestry(node, operand)
            node.expression = operand
        return node

    def _function(self, node: Node) -> Node:
        assert node.procedure is not None
        node.arguments = [self._adopt(node, argument) for argument in node.arguments or ()]
        node.procedure = self.rewrite(node.procedure)
        return node

    def _condition(self, node: Node) -> Node:
        assert node.condition is not None
        assert node.then is not None
        node.condition = self._adopt(node, node.condition)
        node.then = self._adopt(node, node.then)
        if node.otherwise is not None:
            node.otherwise = self._adopt(node, node.otherwise)
        return node

    def _transform(self, node: Node) -> Node:
        assert node.pattern is not None
        assert node.update is not None
        node.pattern = self.rewrite(node.pattern)
        node.update = self.rewrite(node.update)
        if node.delete is not None:
            node.delete = self.rewrite(node.delete)
        return node

    def _block(self, node: Node) -> Node:
        node.expressions = [self._adopt(node, part) for part in node.expressions or ()]
        for part in node.expressions:
            if part.construct_array or (part.type == "path" and (part.steps or [])[0].construct_array):
                node.construct_array = True
        return node

    def _binary(self, node: Node) -> Node:
        match node.value:
            case ".":
                return self._step(node)
            case "[":
                return self._predicate(node)
            case "{":
                return self._group(node)
            case "^":
                return self._sort(node)
            case ":=":
                bind = Node("bind", node.position, node.value, lhs=self.rewrite(node.lhs))
                bind.rhs = self._adopt(bind, node.rhs)
                return bind
            case "@":
                return self._focus(node)
            case "#":
                return self._index(node)
            case "~>":
                apply = Node("apply", node.position, node.value)
                apply.lhs = self.rewrite(node.lhs)
                apply.rhs = self.rewrite(node.rhs)
                apply.keep_array = apply.lhs.keep_array or apply.rhs.keep_array
                return apply
        node.lhs = self._adopt(node, node.lhs)
        node.rhs = self._adopt(node, node.rhs)
        return node

    def _step(self, node: Node) -> Node:
        first = self.rewrite(node.lhs)
        path = first if first.type == "path" else Node("path", node.position, steps=[first])
        if first.type == "parent" and first.slot is not None:
            path.seeking_parent = [first.slot]
        assert path.steps is not None
        rest = self.rewrite(node.rhs)
        if rest.type == "path":
            path.steps.extend(rest.steps or ())
        else:
            rest.stages, rest.predicate = rest.predicate, None
            path.steps.append(rest)
        for step in path.steps:
            if step.type in ("number", "value"):
                raise JsonataError("S0213", step.position, value=step.value)
            if step.type == "string":
                step.type = "name"
            if step.keep_array:
                path.keep_singleton_array = True
        for step in (path.steps[0], path.steps[-1]):
            if step.type == "unary" and step.value == "[":
                step.construct_array = True
        self._resolve_ancestry(path)
        return path

    def _predicate(self, node: Node) -> Node:
        result = self.rewrite(node.lhs)
        step = _last_step(result)
        if step.group is not None:
            raise JsonataError("S0209", node.position)
        condition = self.rewrite(node.rhs)
        for slot in condition.seeking_parent or ():
            if slot.level == 1:
                self._seek_parent(step, slot)
            else:
                slot.level -= 1
        _push_ancestry(step, condition)
        filtering = Node("filter", node.position, expression=condition)
        if result.type == "path":
            step.stages = [*(step.stages or ()), filtering]
        else:
            step.predicate = [*(step.predicate or ()), filtering]
        return result

    def _group(self, node: Node) -> Node:
        result = self.rewrite(node.lhs)
        if result.group is not None:
            raise JsonataError("S0210", node.position)
        pairs = [(self.rewrite(key), self.rewrite(value)) for key, value in node.rhs]
        result.group = Node("group", node.position, lhs=pairs)
        return result

    def _sort(self, node: Node) -> Node:
        first = self.rewrite(node.lhs)
        path = first if first.type == "path" else Node("path", node.position, steps=[first])
        assert path.steps is not None
        sort = Node("sort", node.position)
        sort.terms = [
            SortTerm(self._adopt(sort, term.expression), term.descending) for term in node.terms or ()
        ]
        path.steps.append(sort)
        self._resolve_ancestry(path)
        return path

    def _focus(self, node: Node) -> Node:
        result = self.rewrite(node.lhs)
        step = _last_step(result)
        if step.stages is not None or step.predicate is not None:
            raise JsonataError("S0215", node.position)
        if step.type == "sort":
            raise JsonataError("S0216", node.position)
        if node.keep_array:
            step.keep_array = True
        step.focus = node.rhs.value
        step.tuple = True
        return result

    def _index(self, node: Node) -> Node:
        result = self.rewrite(node.lhs)
        step = _last_step(result)
        if result.type != "path":
            result = Node("path", node.position, steps=[result])
            if step.predicate is not None:
                step.stages, step.predicate = step.predicate, None
        if step.stages is None:
            step.index = node.rhs.value
        else:
            step.stages.append(Node("index", node.position, node.rhs.value))
        step.tuple = True
        return result

    def _seek_parent(self, node: Node, slot: Slot) -> Slot:
        """Mark the step that `slot` refers to, or say how many levels are still to go."""
        match node.type:
            case "name" | "wildcard":
                slot.level -= 1
                if slot.level == 0:
                    self._bind_ancestor(node, slot)
            case "parent":
                slot.level += 1
            case "block":
                if node.expressions:
                    node.tuple = True
                    slot = self._seek_parent(node.expressions[-1], slot)
            case "path":
                steps = node.steps or []
                node.tuple = True
                index = len(steps) - 1
                slot = self._seek_parent(steps[index], slot)
                while slot.level > 0 and index > 0:
                    index -= 1
                    slot = self._seek_parent(steps[index], slot)
            case _:
                raise JsonataError("S0217", node.position, token=node.type)
        return slot

    def _bind_ancestor(self, node: Node, slot: Slot) -> None:
        if node.ancestor is not None:
            # Another % refers to the same step: both use one label.
            slot.label = node.ancestor.label
        node.ancestor = slot
        node.tuple = True

    def _resolve_ancestry(self, path: Node) -> None:
        steps = path.steps or []
        last = steps[-1]
        slots = last.seeking_parent if last.seeking_parent is not None else []
        if last.type == "parent" and last.slot is not None:
            slots.append(last.slot)
        for slot in slots:
            index = len(steps) - 2
            while slot.level > 0:
                if index < 0:
                    path.seeking_parent = [*(path.seeking_parent or ()), slot]
                    break
                step = steps[index]
                index -= 1
                # Steps that bind one focus after another stand on the same level.
                while index >= 0 and step.focus and steps[index].focus:
                    step = steps[index]
                    index -= 1
                slot = self._seek_parent(step, slot)


def _last_step(node: Node) -> Node:
    return (node.steps or [])[-1] if node.type == "path" else node


def _push_ancestry(parent: Node, child: Node) -> None:
    if child.seeking_parent is None and child.type != "parent":
        return
    slots = list(child.seeking_parent or ())
    if child.type == "parent" and child.slot is not None:
        slots.append(child.slot)
    parent.seeking_parent = [*(parent.seeking_parent or ()), *slots]
