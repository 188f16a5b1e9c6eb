"""What the rules of a dossier refuse."""

from __future__ import annotations

from kernel.api.errors import QuayDienError


class DossierError(QuayDienError):
    """Root of what the rules refuse."""

    code = "dossier.refused"


class StepUnknown(DossierError):
    """The service has no such step. Facts: step, service."""

    code = "dossier.step_unknown"


class StepNotAllowed(DossierError):
    """The step does not follow the present one. Facts: step, to, allowed."""

    code = "dossier.step_not_allowed"


class RoleNotAllowed(DossierError):
    """The employee's roles may not do this. Facts: action, role."""

    code = "dossier.role_not_allowed"


class FieldsNotReady(DossierError):
    """Fields of the step are missing or contradict each other. Facts: step, fields, count; `ids` lists field ids."""

    code = "dossier.fields_not_ready"

    def __init__(self, *, step: str, fields: str, ids: tuple[str, ...]) -> None:
        super().__init__(step=step, fields=fields, count=len(ids))
        self.ids = ids


class ObstacleNeeded(DossierError):
    """Answers say that the work can't go on. Facts: step, answers."""

    code = "dossier.obstacle_needed"


class PapersMissing(DossierError):
    """Papers of the customer are missing. Facts: papers; `ids` lists paper ids."""

    code = "dossier.papers_missing"

    def __init__(self, *, papers: str, ids: tuple[str, ...]) -> None:
        super().__init__(papers=papers)
        self.ids = ids


class PaperUnknown(DossierError):
    """The service does not ask for this paper. Facts: paper."""

    code = "dossier.paper_unknown"


class PaperNotLater(DossierError):
    """The paper may not follow later. Facts: paper."""

    code = "dossier.paper_not_later"


class DocumentsNotComplete(DossierError):
    """Documents of the step are not signed by all. Facts: documents."""

    code = "dossier.documents_not_complete"

    def __init__(self, *, documents: str, ids: tuple[str, ...]) -> None:
        super().__init__(documents=documents)
        self.ids = ids


class DossierWaits(DossierError):
    """The dossier waits for the customer and must be resumed first. Facts: code."""

    code = "dossier.waits"


class DossierWaitsForCmis(DossierError):
    """CMIS has not given the request its code yet. Facts: code."""

    code = "dossier.waits_for_cmis"


class DossierNotWaiting(DossierError):
    """There is nothing to resume. Facts: code."""

    code = "dossier.not_waiting"


class DossierEnded(DossierError):
    """The dossier is closed or cancelled. Facts: code."""

    code = "dossier.ended"


class ObstacleUnknown(DossierError):
    """The step has no such obstacle. Facts: obstacle, step."""

    code = "dossier.obstacle_unknown"


class SlotOutOfOrder(DossierError):
    """Someone else signs first. Facts: slot, next."""

    code = "dossier.slot_out_of_order"


class SlotUnknown(DossierError):
    """The document has no such signature field. Facts: slot, document."""

    code = "dossier.slot_unknown"


class SlotNeedsSignature(DossierError):
    """Only the customer may confirm by code; this field takes a digital signature. Facts: slot."""

    code = "dossier.slot_needs_signature"


class DocumentEnded(DossierError):
    """The document is complete or void: nothing more is signed in it. Facts: document."""

    code = "dossier.document_ended"


class DocumentIsComplete(DossierError):
    """Data printed in a complete document can't change; an annex does that. Facts: document, fields."""

    code = "dossier.document_is_complete"


class DocumentNotAsked(DossierError):
    """The service does not draw this document for what the dossier says. Facts: document."""

    code = "dossier.document_not_asked"


class NoticeRuns(DossierError):
    """The days of a notice have not run out. Facts: step, days, decision, until."""

    code = "dossier.notice_runs"


class SamePerson(DossierError):
    """Whoever did the earlier step may not do this one too. Facts: step, earlier."""

    code = "dossier.same_person"
