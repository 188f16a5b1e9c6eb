"""Declaration of a service: its fields, papers, steps, deadlines and documents. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.api.documents import Role
from kernel.api.fields import Field, When
from kernel.api.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that are filled together, under one heading."""

    id: str
    title: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the customer brings. `later` papers may follow until the end of the service; copies suffice."""

    id: str
    title: Text
    required: bool = True
    later: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason (trở ngại) why a step can't go on. A fixable one makes the request wait, another cancels it."""

    code: str
    title: Text
    fixable: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the work.

    `cmis_code` is MA_CVIEC. `sections` are filled here. `draws` are drawn and put before the customer and signers
    here: the step ends when each is complete. `next` lists the steps that may follow, the usual one first; a step
    with none ends the dossier. `blocked_by` is an answer with which only an obstacle leads out of the step.
    """

    id: str
    title: Text
    role: Role
    cmis_code: str
    sections: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    blocked_by: When | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A dated service target: working days from the complete file to the end, by decision number."""

    valid_from: date
    working_days: int
    decision: str
    when: When | None = None


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
    """A service type. `documents` are document ids; `cmis_types` the MA_LOAI_YCAU values it answers to."""

    id: str
    title: Text
    variants: tuple[Variant, ...]
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    documents: tuple[str, ...]
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
        return tuple(field for section in self.sections for field in section.fields)
