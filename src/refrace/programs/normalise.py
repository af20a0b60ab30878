"""Renames locals, so that programs and threads can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from refrace.programs.syntax import (
    Arithmetic,
    Assert,
    Block,
    Condition,
    Constant,
    Critical,
    Field,
    If,
    Local,
    ObjectLock,
    Operand,
    Predicate,
    Region,
    Repeat,
    Statement,
    Step,
    While,
)

__all__ = ["renamed"]


def renamed(body: Block, new: Mapping[str, str]) -> Block:
    """Return `body` with its locals renamed; locals not in `new` keep their names."""
    return _Renamer(new).block(body)


class _Renamer:
    def __init__(self, new: Mapping[str, str]) -> None:
        self._new = new
        self._operands: dict[int, tuple[Operand, ...]] = {}
        self._conditions: dict[int, Condition] = {}

    def block(self, body: Block) -> Block:
        # Recursion is bounded: blocks nest at most MAX_NESTING deep.
        return tuple(self._statement(statement) for statement in body)

    def _name(self, name: str) -> str:
        return self._new.get(name, name)

    def _statement(self, node: Statement) -> Statement:
        if isinstance(node, Step):
            return self._step(node)
        if isinstance(node, Assert):
            return replace(node, condition=self._condition(node.condition))
        if isinstance(node, If):
            return replace(
                node,
                condition=self._condition(node.condition),
                then=self.block(node.then),
                otherwise=self.block(node.otherwise),
            )
        if isinstance(node, While):
            condition = self._condition(node.condition)
            return replace(node, condition=condition, body=self.block(node.body))
        if isinstance(node, Critical):
            objects = tuple(Local(self._name(one.name)) for one in node.objects)
            return replace(node, objects=objects, body=self.block(node.body))
        assert isinstance(node, (Repeat, Region))
        return replace(node, body=self.block(node.body))

    def _step(self, step: Step) -> Step:
        # Steps of equal text share their operands; so do the renamed ones.
        operands = self._operands.get(id(step.operands))
        if operands is None:
            operands = tuple(self._operand(operand) for operand in step.operands)
            self._operands[id(step.operands)] = operands
        result = None if step.result is None else self._name(step.result)
        return replace(step, operands=operands, result=result)

    def _operand(self, operand: Operand) -> Operand:
        if isinstance(operand, Local):
            return self._term(operand)
        if isinstance(operand, Field):
            return Field(self._name(operand.local), operand.name)
        if isinstance(operand, ObjectLock):
            return ObjectLock(self._name(operand.local))
        if isinstance(operand, Arithmetic):
            left, right = self._term(operand.left), self._term(operand.right)
            return Arithmetic(operand.operator, left, right)
        return operand

    def _term(self, term: Local | Constant) -> Local | Constant:
        return Local(self._name(term.name)) if isinstance(term, Local) else term

    def _condition(self, condition: Condition) -> Condition:
        known = self._conditions.get(id(condition))
        if known is None:
            first, *others = (
                tuple(map(self._predicate, one)) for one in condition.alternatives
            )
            known = Condition(first, tuple(others))
            self._conditions[id(condition)] = known
        return known

    def _predicate(self, predicate: Predicate) -> Predicate:
        right = predicate.right
        return Predicate(
            self._term(predicate.left),
            predicate.operator,
            None if right is None else self._term(right),
            predicate.negated,
        )
