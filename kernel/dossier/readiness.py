"""Whether a step may be left: its fields, its papers, its documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.reading import check, shown
from kernel.dossier.dossier import DocumentState, in_force, title_of
from kernel.dossier.errors import DocumentsNotComplete, FieldsNotReady, PapersMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document as DocumentType
    from kernel.api.fields import Field
    from kernel.api.services import Service, Step
    from kernel.dossier.dossier import Document, Dossier


def step_fields(service: Service, step: Step) -> tuple[Field, ...]:
    """Return the fields filled in this step, in order."""
    sections = {section.id: section for section in service.sections}
    return tuple(field for name in step.sections for field in sections[name].fields)


def fields_so_far(dossier: Dossier, service: Service, step: Step) -> tuple[Field, ...]:
    """Return the fields of the steps done and of this one, each once."""
    steps = [earlier for earlier in service.steps if earlier.id in dossier.done and earlier.id != step.id]
    return tuple({field.id: field for one in (*steps, step) for field in step_fields(service, one)}.values())


def expect_fields(dossier: Dossier, service: Service, step: Step) -> None:
    """Raise FieldsNotReady when a required field has no value, or values contradict each other."""
    fields = fields_so_far(dossier, service, step)
    typed = {field.id: "" for field in fields}
    typed |= {field.id: shown(field, dossier.values[field.id]) for field in fields if field.id in dossier.values}
    wrong = tuple(dict.fromkeys(finding.field for finding in check(fields, typed) if finding.severity == "error"))
    if wrong:
        labels = {field.id: field.label.vi for field in fields}
        raise FieldsNotReady(step=step.title.vi, fields=", ".join(labels[name] for name in wrong), ids=wrong)


def missing_papers(dossier: Dossier, service: Service, *, at_end: bool) -> tuple[str, ...]:
    """Return ids of required papers that did not come; before the end those that may follow don't count."""
    return tuple(
        paper.id
        for paper in service.papers
        if paper.required and dossier.papers.get(paper.id) != "received" and (at_end or not paper.later)
    )


def expect_papers(dossier: Dossier, service: Service, *, at_end: bool) -> None:
    """Raise PapersMissing for papers that must be there now."""
    missing = missing_papers(dossier, service, at_end=at_end)
    if missing:
        titles = {paper.id: paper.title.vi for paper in service.papers}
        raise PapersMissing(papers=", ".join(titles[name] for name in missing), ids=missing)


def expect_documents(
    dossier: Dossier, step: Step, documents: Mapping[str, Document], types: Mapping[str, DocumentType]
) -> None:
    """Raise DocumentsNotComplete while a document the step draws is not signed by all. `documents` are by id."""
    open_types = []
    for drawn in step.draws:
        known = types.get(drawn)
        if known and known.when and not known.when.holds(dossier.values):
            continue
        document = in_force(documents, drawn)
        if document is None or document.state is not DocumentState.COMPLETE:
            open_types.append(drawn)
    if open_types:
        titles = ", ".join(title_of(types, name) for name in open_types)
        raise DocumentsNotComplete(documents=titles, ids=tuple(open_types))
