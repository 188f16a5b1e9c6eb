"""A whole form: its fields read together, what is missing, what contradicts, and what is computed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from kernel.api import tables
from kernel.api.crosschecks import cross_checks
from kernel.api.fields import Field, Kind, Scalar, Value
from kernel.api.findings import Finding
from kernel.api.formulas import computed
from kernel.api.reading import read, read_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

__all__ = ["Form", "check", "read_form", "read_row", "result"]

_NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form read at once: the values of the fields that apply, by id, and all findings in field order."""

    values: Mapping[str, Value]
    findings: tuple[Finding, ...]


def check(
    fields: Iterable[Field],
    typed: Mapping[str, str],
    today: date | None = None,
    given: Mapping[str, Value] = _NOTHING,
) -> tuple[Finding, ...]:
    """Return all findings of a form: each field, what is missing, and fields that contradict each other."""
    return read_form(fields, typed, today, given).findings


def read_form(
    fields: Iterable[Field],
    typed: Mapping[str, str],
    today: date | None = None,
    given: Mapping[str, Value] = _NOTHING,
) -> Form:
    """Read all fields of a form. A field never touched (no key in `typed`) stands at its default.

    A field whose `when` does not hold is left out: no value, no finding. Conditions and formulas look at the form and,
    for what it does not ask, at `given`. With `today`, what has happened may not be dated later.
    """
    every = tuple(fields)
    readings = {field.id: read(field, typed.get(field.id, field.default)) for field in every}
    answers = {name: value for name, value in given.items() if name not in readings}
    answers |= {name: reading.value for name, reading in readings.items() if reading.value is not None}
    values: dict[str, Value] = {}
    found: list[Finding] = []
    for field in every:
        if field.when is not None and not field.when.holds(answers):
            answers.pop(field.id, None)
            continue
        reading = readings[field.id]
        found += reading.findings
        value = result(field, answers) if field.formula else _with_results(field, reading.value, answers)
        if value is not None:
            values[field.id] = answers[field.id] = value
        elif field.required and not field.formula and not reading.findings:
            found.append(Finding("required", "error", {"label": field.label.vi}, field.id))
    order = {field.id: place for place, field in enumerate(every)}
    found += [finding for finding in cross_checks(values, today) if finding.field in order]
    return Form(values, tuple(sorted(found, key=lambda finding: order[finding.field])))


def result(field: Field, answers: Mapping[str, Value]) -> Scalar | None:
    """Return what the field's formula makes of the answers, in the field's kind; None while one it needs is missing."""
    places = field.places if field.kind is Kind.DECIMAL else 0
    number = computed(field.formula, answers, places)
    return int(number) if number is not None and field.kind in {Kind.INTEGER, Kind.MONEY} else number


def read_row(table: Field, line: Sequence[str], answers: Mapping[str, Value]) -> Mapping[str, Scalar]:
    """Return what stands in a row so far: the cells that read well and the columns computed from them.

    `line` has the typed cells; `answers` are those of the form the table is in.
    """
    return _computed_row(table, tables.read_row(table, line, read_cell)[0], answers)


def _with_results(field: Field, value: Value | None, answers: Mapping[str, Value]) -> Value | None:
    """Return a table with its computed columns filled in, any other value as it is."""
    if not isinstance(value, tuple):
        return value
    return tuple(_computed_row(field, row, answers) for row in value)


def _computed_row(table: Field, row: Mapping[str, Scalar], answers: Mapping[str, Value]) -> Mapping[str, Scalar]:
    full = dict(row)
    for column in table.columns:
        known = {**answers, **full}
        applies = column.formula and (column.when is None or column.when.holds(known))
        if applies and (number := result(column, known)) is not None:
            full[column.id] = number
    return {column.id: full[column.id] for column in table.columns if column.id in full}
