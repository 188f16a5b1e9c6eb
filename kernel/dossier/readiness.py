"""Whether a step may be left: its fields, its papers, its documents."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kernel.api.forms import check
from kernel.api.reading import shown
from kernel.dossier.errors import (
    DocumentNotAsked,
    DocumentsNotComplete,
    FieldsNotReady,
    NoticeRuns,
    ObstacleNeeded,
    PapersMissing,
    SamePerson,
)
from kernel.dossier.progress import answers, entered, in_force, step_of, steps_done
from kernel.dossier.records import DocumentState
from kernel.dossier.working_time import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from kernel.api.documents import Document
    from kernel.api.fields import Field
    from kernel.api.services import Draw, Paper, Service, Step
    from kernel.dossier.records import Dossier, DossierDocument


def step_fields(service: Service, step: Step) -> tuple[Field, ...]:
    """Return the fields filled in this step, in order."""
    sections = {section.id: section for section in service.sections}
    return tuple(field for name in step.sections for field in sections[name].asked())


def fields_so_far(dossier: Dossier, service: Service, step: Step) -> tuple[Field, ...]:
    """Return the fields of the steps done and of this one, each once."""
    done = steps_done(dossier)
    steps = [earlier for earlier in service.steps if earlier.id in done and earlier.id != step.id]
    return tuple({field.id: field for one in (*steps, step) for field in step_fields(service, one)}.values())


def open_fields(dossier: Dossier, service: Service, step: Step, closed: Collection[str]) -> tuple[Field, ...]:
    """Return the fields that may be filled now: those of this step, then those of the steps the same role has done.

    What the customer corrects while reading the contract is put right there. `closed` are ids of fields a document
    signed by all prints; those of earlier steps stay as they are.
    """
    mine = step_fields(service, step)
    done = steps_done(dossier)
    same = [earlier for earlier in service.steps if earlier.id in done and earlier.role is step.role]
    before = (field for one in same for field in step_fields(service, one) if field.id not in closed)
    return tuple({field.id: field for field in (*mine, *before)}.values())


def expect_fields(dossier: Dossier, service: Service, step: Step) -> None:
    """Raise FieldsNotReady when a required field has no value, or values contradict each other."""
    fields = fields_so_far(dossier, service, step)
    typed = {field.id: "" for field in fields}
    typed |= {field.id: shown(field, dossier.values[field.id]) for field in fields if field.id in dossier.values}
    found = check(fields, typed, given=answers(dossier))
    wrong = tuple(dict.fromkeys(finding.field for finding in found if finding.severity == "error"))
    if wrong:
        labels = {field.id: field.label.vi for field in fields}
        raise FieldsNotReady(step=step.title.vi, fields=", ".join(labels[name] for name in wrong), ids=wrong)


def expect_not_blocked(dossier: Dossier, service: Service, step: Step) -> None:
    """Raise ObstacleNeeded when an answer of this step says that an obstacle is to be reported."""
    condition = step.blocked_by
    if condition is None or not condition.holds(answers(dossier)):
        return
    asked = [field for field in fields_so_far(dossier, service, step) if field.id in condition.asks()]
    values = dossier.values
    given = [f"{field.label.vi} là {shown(field, values[field.id])}" for field in asked if field.id in values]
    raise ObstacleNeeded(step=step.title.vi, answers="; ".join(given) or "–")


def expect_notice_over(dossier: Dossier, step: Step, now: datetime) -> None:
    """Raise NoticeRuns before the day after the notice's last, by the rule in force when the step began.

    The day it began is not counted (Bộ luật Dân sự 2015, Điều 147).
    """
    began = entered(dossier).astimezone(VIETNAM).date()
    rules = [rule for rule in step.notices if rule.valid_from <= began]
    if not rules:
        return
    rule = max(rules, key=lambda rule: rule.valid_from)
    until = began + timedelta(days=rule.days + 1)
    if now.astimezone(VIETNAM).date() < until:
        raise NoticeRuns(step=step.title.vi, days=rule.days, decision=rule.decision, until=f"{until:%d/%m/%Y}")


def expect_other_person(dossier: Dossier, service: Service, step: Step, staff: str) -> None:
    """Raise SamePerson when whoever did the step that this one controls would do it too. Raises StepUnknown."""
    if not step.not_by:
        return
    earlier = step_of(service, step.not_by)
    done = [one.staff for one in dossier.history if one.step == earlier.id and not one.obstacle]
    if done and done[-1] == staff:
        raise SamePerson(step=step.title.vi, earlier=earlier.title.vi)


def papers_asked(dossier: Dossier, service: Service) -> tuple[Paper, ...]:
    """Return the papers that the customer of this dossier brings."""
    given = answers(dossier)
    return tuple(paper for paper in service.papers if paper.when is None or paper.when.holds(given))


def missing_papers(dossier: Dossier, service: Service, *, at_end: bool) -> tuple[str, ...]:
    """Return ids of required papers that did not come; before the end those that may follow don't count."""
    return tuple(
        paper.id
        for paper in papers_asked(dossier, service)
        if paper.required and dossier.papers.get(paper.id) != "received" and (at_end or not paper.later)
    )


def expect_papers(dossier: Dossier, service: Service, *, at_end: bool) -> None:
    """Raise PapersMissing for papers that must be there now."""
    missing = missing_papers(dossier, service, at_end=at_end)
    if missing:
        titles = {paper.id: paper.title.vi for paper in service.papers}
        raise PapersMissing(papers=", ".join(titles[name] for name in missing), ids=missing)


def draws_now(dossier: Dossier, step: Step) -> tuple[Draw, ...]:
    """Return what the step has drawn for this dossier: the documents whose condition holds."""
    given = answers(dossier)
    return tuple(draw for draw in step.draws if draw.when is None or draw.when.holds(given))


def draw_named(dossier: Dossier, service: Service, document: str) -> Draw:
    """Return how the dossier's document of this type is drawn. Raises DocumentNotAsked."""
    given = answers(dossier)
    for draw in service.draws():
        if draw.document == document and (draw.when is None or draw.when.holds(given)):
            return draw
    raise DocumentNotAsked(document=document)


def expect_documents(
    dossier: Dossier, step: Step, documents: Iterable[DossierDocument], types: Mapping[str, Document]
) -> None:
    """Raise DocumentsNotComplete while a document the step draws is not signed by all; `types` are by id."""
    own = tuple(documents)
    not_signed = []
    for drawn in draws_now(dossier, step):
        document = in_force(own, drawn.document)
        if document is None or document.state is not DocumentState.COMPLETE:
            not_signed.append(drawn.document)
    if not_signed:
        titles = ", ".join(types[name].title.vi for name in not_signed)
        raise DocumentsNotComplete(documents=titles, ids=tuple(not_signed))
