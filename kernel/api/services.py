"""Declaration of a service: its fields, papers, steps, deadlines and documents. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from kernel.api.conditions import Condition, both
from kernel.api.documents import Role
from kernel.api.fields import Field
from kernel.api.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that are filled together, under one heading. `when` counts for each of them."""

    id: str
    title: Text
    fields: tuple[Field, ...]
    when: Condition | None = None

    def asked(self) -> tuple[Field, ...]:
        """Return the fields, each with the section's condition besides its own."""
        if self.when is None:
            return self.fields
        return tuple(one.but(when=both(self.when, one.when)) for one in self.fields)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the customer brings. `later` papers may follow until the end of the service; copies suffice."""

    id: str
    title: Text
    required: bool = True
    later: bool = False
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason (trở ngại) why a step can't go on. A fixable one makes the request wait, another cancels it.

    `advice` is what the clerk tells the customer to do instead.
    """

    code: str
    title: Text
    fixable: bool
    advice: Text | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """A document that a step has drawn, in one of the document's variants.

    `fill` maps fields of the document to fields of the service where the names differ: the old customer's name, say,
    where the document ends the old customer's contract.
    """

    document: str
    variant: str = ""
    when: Condition | None = None
    fill: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def source(self, name: str) -> str:
        """Return the service's field that a field of the document is filled from."""
        return self.fill.get(name, name)


@dataclass(frozen=True, slots=True)
class Notice:
    """A dated rule: calendar days that must run out before a step may be left, by decision or law."""

    valid_from: date
    days: int
    decision: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the work.

    `cmis_code` is MA_CVIEC. `sections` are filled here. `draws` are drawn and put before the customer and signers
    here: the step ends when each is complete. `next` lists the steps that may follow, the usual one first; a step
    with none ends the dossier. `blocked_by` holds where only an obstacle leads out of the step. A step whose `when`
    does not hold is passed over: its own next ones follow.

    `notices` are the days the step must last, so that somebody can answer a letter: no time of EVN's own. Who did the
    step named in `not_by` may not take the dossier out of this one: four eyes.
    """

    id: str
    title: Text
    role: Role
    cmis_code: str
    sections: tuple[str, ...] = ()
    draws: tuple[Draw, ...] = ()
    next: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    blocked_by: Condition | None = None
    when: Condition | None = None
    notices: tuple[Notice, ...] = ()
    not_by: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A dated service target: working days from the complete file to the end, by decision number."""

    valid_from: date
    working_days: int
    decision: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A way the service is taken (SH, NSH …) that decides fields and documents.

    `cmis` lists the (column, value) pairs of DV_TIEN_TNHAN by which a request from CMIS is known to be of this variant.
    """

    id: str
    title: Text
    cmis: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A service type. `cmis_types` are the MA_LOAI_YCAU values it answers to."""

    id: str
    title: Text
    variants: tuple[Variant, ...]
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    papers: tuple[Paper, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    cmis_types: tuple[str, ...] = ()
    hotkey: str = ""
    api: int = 1

    def step(self, step_id: str) -> Step:
        """Return the step with this id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def fields(self) -> tuple[Field, ...]:
        """Return all fields of all sections, in order."""
        return tuple(one for section in self.sections for one in section.asked())

    def draws(self) -> tuple[Draw, ...]:
        """Return what is drawn on the way, in the order of the steps."""
        return tuple(draw for step in self.steps for draw in step.draws)

    def draw(self, document: str, variant: str) -> Draw:
        """Return how a document is drawn in one of its variants. Raises KeyError."""
        for draw in self.draws():
            if (draw.document, draw.variant) == (document, variant):
                return draw
        raise KeyError(document)

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents drawn on the way, each once."""
        return tuple(dict.fromkeys(draw.document for draw in self.draws()))
