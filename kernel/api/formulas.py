"""Formulas of computed fields: arithmetic over other fields, written as text and never evaluated as Python.

cong_suat * so_luong * he_so_dong_thoi          fields of the row, else of the form
sum(thiet_bi.dien_nang)                         a column of a table: sum, max, count
ratio(ti) / ratio(ti_cai) * he_so_man_hinh      100/5 counts as 20
max(may.he_so, 1) / ratio(ti_cai, 1)            1 where there is no row, or the field is empty
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.api.fields import Value

__all__ = ["FormulaError", "computed", "names"]

_LONGEST = 200
_OPERATORS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
}
_OF_COLUMNS: Mapping[str, Callable[[Sequence[Decimal]], Decimal | None]] = {
    "sum": lambda column: sum(column, Decimal(0)),
    "max": lambda column: max(column, default=None),
    "count": lambda column: Decimal(len(column)),
}


class FormulaError(ValueError):
    """A formula in a declaration is not one. Raised while a declaration is checked, never while one is filled in."""


class _MissingError(Exception):
    """A field the formula needs has no number."""


def computed(formula: str, values: Mapping[str, Value], places: int) -> Decimal | None:
    """Return the result rounded to `places` decimals, halves away from zero; None while a field it needs has no number.

    `values` are those of the row over those of the form. Raises FormulaError.
    """
    try:
        result = _number(_parsed(formula), values)
    except (_MissingError, DivisionByZero, InvalidOperation):
        return None
    return result.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def names(formula: str) -> frozenset[str]:
    """Return the fields it looks at, a column as `table.column`. Raises FormulaError."""
    nodes = list(ast.walk(_parsed(formula)))
    columns = [node for node in nodes if isinstance(node, ast.Attribute)]
    inside = {id(node.value) for node in columns} | {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    fields = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in inside}
    return frozenset(fields | {ast.unparse(node) for node in columns})


@lru_cache(maxsize=256)
def _parsed(formula: str) -> ast.expr:
    if len(formula) > _LONGEST:
        raise FormulaError(formula)
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise FormulaError(f"{formula}: {error}") from None
    _refuse(tree, formula)
    return tree


def _refuse(node: ast.expr, formula: str) -> None:
    """Raise FormulaError for anything but the arithmetic of this module."""
    match node:
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            _refuse(left, formula)
            _refuse(right, formula)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _refuse(operand, formula)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return
        case ast.Name():
            return
        case ast.Call(func=ast.Name(id="ratio"), args=[ast.Name(), *other], keywords=[]):
            _refuse_default(other, formula)
        case ast.Call(func=ast.Name(id=called), args=[ast.Attribute(value=ast.Name()), *other], keywords=[]) if (
            called in _OF_COLUMNS
        ):
            _refuse_default(other, formula)
        case _:
            raise FormulaError(formula)


def _refuse_default(other: Sequence[ast.expr], formula: str) -> None:
    """Raise FormulaError unless `other` is empty or one constant."""
    if len(other) > 1 or not all(isinstance(one, ast.Constant) for one in other):
        raise FormulaError(formula)
    for one in other:
        _refuse(one, formula)


def _number(node: ast.expr, values: Mapping[str, Value]) -> Decimal:
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATORS[type(operator)](_number(left, values), _number(right, values))
        case ast.UnaryOp(operand=operand):
            return -_number(operand, values)
        case ast.Constant(value=value):
            return Decimal(repr(value))
        case ast.Name(id=name):
            return _decimal(values.get(name))
        case ast.Call():
            return _called(node, values)
        case _:
            raise FormulaError(ast.unparse(node))


def _called(node: ast.Call, values: Mapping[str, Value]) -> Decimal:
    """Return what a function gives, its second argument where there is nothing to take it from."""
    match node:
        case ast.Call(args=[ast.Name(id=name), other]) if values.get(name, "") == "":
            return _number(other, values)
        case ast.Call(args=[ast.Attribute(value=ast.Name(id=table)), other]) if not values.get(table):
            return _number(other, values)
        case ast.Call(func=ast.Name(id="ratio"), args=[ast.Name(id=name), *_]):
            return _ratio(values.get(name))
        case ast.Call(func=ast.Name(id=called), args=[ast.Attribute(value=ast.Name(id=table), attr=column), *_]):
            return _of_column(called, values.get(table), column)
        case _:
            raise FormulaError(ast.unparse(node))


def _of_column(called: str, rows: Value | None, column: str) -> Decimal:
    if not isinstance(rows, tuple):
        raise _MissingError
    cells = [row[column] for row in rows if column in row]
    result = _OF_COLUMNS[called]([_decimal(cell) for cell in cells] if called != "count" else [Decimal(1)] * len(cells))
    if result is None:
        raise _MissingError
    return result


def _decimal(value: Value | None) -> Decimal:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    raise _MissingError


def _ratio(value: Value | None) -> Decimal:
    """Return what a transformer's ratio multiplies by: 20 for `100/5`."""
    first, slash, second = str(value or "").partition("/")
    if not slash:
        raise _MissingError
    try:
        return Decimal(first.strip()) / Decimal(second.strip())
    except InvalidOperation:
        raise _MissingError from None
