"""A whole form: its fields read together, what is missing, what contradicts, and what is computed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from kernel.api.crosschecks import cross_checks
from kernel.api.fields import Field, Kind, Scalar, Value
from kernel.api.findings import Finding
from kernel.api.formulas import computed
from kernel.api.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

__all__ = ["Form", "check", "read_form"]

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
        value = _result(field, answers) if field.formula else _with_results(field, reading.value, answers)
        if value is not None:
            values[field.id] = answers[field.id] = value
        elif field.required and not field.formula and not reading.findings:
            found.append(Finding("required", "error", {"label": field.label.vi}, field.id))
    order = {field.id: place for place, field in enumerate(every)}
    found += [finding for finding in cross_checks(values, today) if finding.field in order]
    return Form(values, tuple(sorted(found, key=lambda finding: order[finding.field])))


def _result(field: Field, answers: Mapping[str, Value]) -> Scalar | None:
    """Return what a formula makes of the answers, in the field's kind."""
    places = field.places if field.kind is Kind.DECIMAL else 0
    number = computed(field.formula, answers, places)
    return int(number) if number is not None and field.kind in {Kind.INTEGER, Kind.MONEY} else number


def _with_results(field: Field, value: Value | None, answers: Mapping[str, Value]) -> Value | None:
    """Return a table with its computed columns filled in, any other value as it is."""
    formulas = [column for column in field.columns if column.formula]
    if not isinstance(value, tuple) or not formulas:
        return value
    rows: list[Mapping[str, Scalar]] = []
    for row in value:
        full = dict(row)
        for column in formulas:
            known = {**answers, **full}
            applies = column.when is None or column.when.holds(known)
            if applies and (result := _result(column, known)) is not None:
                full[column.id] = result
        rows.append({column.id: full[column.id] for column in field.columns if column.id in full})
    return tuple(rows)
