"""What is wrong or doubtful about something typed. Words stand in the catalogue, area `field`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from kernel.api.messages import message

if TYPE_CHECKING:
    from kernel.api.text import Language, Text

Severity = Literal["error", "warning"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a field: an error keeps the value out, a warning asks the clerk to look again.

    `code` is the catalogue key below `field.`, `facts` fill its placeholders. `field` is empty until a form knows it.
    `row` (from 1) and `column` say where in a table.
    """

    code: str
    severity: Severity
    facts: Mapping[str, str] = attribute(default_factory=dict)
    field: str = ""
    row: int = 0
    column: Text | None = None


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A text that was read: its value, None where it can't be used, and what was found on the way."""

    value: T | None
    findings: tuple[Finding, ...] = ()


def error(code: str, /, **facts: str) -> Finding:
    """Return a finding that keeps the value out."""
    return Finding(code, "error", facts)


def warning(code: str, /, **facts: str) -> Finding:
    """Return a finding that asks for a second look."""
    return Finding(code, "warning", facts)


def refused(code: str, /, **facts: str) -> Checked[T]:
    """Return a reading without a value."""
    return Checked(None, (error(code, **facts),))


def finding_text(finding: Finding, language: Language = "vi") -> str:
    """Return the sentence a clerk reads: what is wrong and what to type. Raises KeyError for an unknown code."""
    text = message(f"field.{finding.code}", language, **finding.facts)
    if not finding.row:
        return text
    if finding.column is None:
        return message("field.in_row", language, row=finding.row, text=text)
    return message("field.in_cell", language, row=finding.row, column=finding.column(language), text=text)
