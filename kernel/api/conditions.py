"""Conditions on the answers given so far: when a field, a paper, a step, a deadline or a document counts. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.fields import Value

VARIANT = "bien_the"
"""Among the answers of a dossier: the variant its service is taken in."""


class Condition(Protocol):
    """Something that holds or does not, by the answers."""

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """Return whether the answers given so far meet the condition."""

    def asks(self) -> frozenset[str]:
        """Return the ids of the fields it looks at, VARIANT among them."""


@dataclass(frozen=True, slots=True)
class When:
    """It holds when a field has one of `values`: a choice's code, `True` or `False`, a text."""

    field: str
    values: tuple[str, ...]

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        return str(answers.get(self.field, "")) in self.values

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class Given:
    """It holds when a field has any value."""

    field: str

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        return answers.get(self.field, "") != ""

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class AtLeast:
    """It holds when the number in a field is `least` or more, in the field's unit; not while it has none."""

    field: str
    least: Decimal

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        number = answers.get(self.field)
        return isinstance(number, (int, Decimal)) and not isinstance(number, bool) and number >= self.least

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class Every:
    """It holds when all of `of` do."""

    of: tuple[Condition, ...]

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        return all(one.holds(answers) for one in self.of)

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return frozenset[str]().union(*(one.asks() for one in self.of))


@dataclass(frozen=True, slots=True)
class Either:
    """It holds when one of `of` does."""

    of: tuple[Condition, ...]

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        return any(one.holds(answers) for one in self.of)

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return frozenset[str]().union(*(one.asks() for one in self.of))


@dataclass(frozen=True, slots=True)
class Unless:
    """It holds when `that` does not."""

    that: Condition

    def holds(self, answers: Mapping[str, Value]) -> bool:
        """See Condition."""
        return not self.that.holds(answers)

    def asks(self) -> frozenset[str]:
        """See Condition."""
        return self.that.asks()


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Return the condition that holds when both do; None holds always."""
    if first is None or second is None:
        return first or second
    return Every((first, second))


def variant(*ids: str) -> When:
    """Return the condition that the service is taken in one of these variants."""
    return When(VARIANT, ids)
