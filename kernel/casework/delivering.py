"""One try at something that has to reach a system outside. Run by the worker, again until it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import select

from kernel import clock
from kernel.api.errors import AdapterAnswerInvalid, AdapterError, AdapterRefused, AdapterUnavailable, QuayDienError
from kernel.api.ports import CmisProgress, Delivery, Receipt, ShortMessage
from kernel.casework import preserving
from kernel.casework.cmis_fields import request_rows
from kernel.casework.office import Office
from kernel.dossier.records import DossierState
from kernel.errors import DatabaseUnavailable, NotFound, StorageFull
from kernel.jobs import Outcome
from kernel.storage import dossiers
from kernel.storage.tables import ChallengeRow, OutgoingRow

DONE = frozenset({"sent", "failed", "postponed", *Delivery} - {"queued"})

PRESERVE_TRIES = 3

_OPEN = frozenset({"waiting", "sending"})


def attempt(office: Office, job: str) -> Outcome:
    """Try once to deliver the outgoing row `job`. What goes wrong is written down; nothing a person can meet is raised.

    A message stays `sending` while nobody knows whether it left, so that the next try asks before it sends.
    """
    try:
        with office.work() as work:
            row = work.row(OutgoingRow, job)
            if row.state in DONE:
                return Outcome.DONE
            in_doubt = row.state == "sending"
            row.state, row.tries, row.updated_at = "sending", row.tries + 1, clock.now()
            work.commit()
        return _note(office, job, *_try(office, row, in_doubt))
    except NotFound:
        return Outcome.DONE  # its transaction never came to pass
    except (DatabaseUnavailable, StorageFull):
        return Outcome.AGAIN
    except Exception as error:
        # a fault of the program: the job ends here, where a person can see it
        _note(office, job, "failed", type(error).__name__)
        raise


def _try(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    try:
        return _VERBS[row.kind](office, row, in_doubt)
    except AdapterUnavailable as error:
        return "sending" if in_doubt else "waiting", error.diagnosis("vi").cause
    except AdapterAnswerInvalid as error:
        return "sending", error.diagnosis("vi").cause
    except (DatabaseUnavailable, StorageFull):
        raise
    except QuayDienError as error:
        return "failed", error.diagnosis("vi").cause


def _note(office: Office, job: str, state: str, detail: str) -> Outcome:
    with office.work() as work:
        row = work.row(OutgoingRow, job)
        news = state not in _OPEN or row.detail != detail
        row.state, row.detail, row.updated_at = state, detail, clock.now()
        if news:
            work.record(
                unit=office.unit,
                actor="system",
                action="deliver",
                subject=row.subject,
                kind=row.kind,
                job=job,
                state=state,
                tries=row.tries,
            )
        work.commit()
    return Outcome.AGAIN if state in _OPEN else Outcome.DONE


def _open_request(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    del in_doubt  # CMIS gives the same code for the same dossier id
    with office.work(reading=True) as work:
        dossier = office.dossier(work, row.dossier)
    service = office.service(dossier)
    household = any(one.id == dossier.variant and ("MDICH_SHOAT", "1") in one.cmis for one in service.variants)
    rows = request_rows(
        service.fields(),
        dossier.values,
        unit=dossier.unit,
        request_type=next(iter(service.cmis_types), ""),
        received=clock.local(dossier.received_at).date(),
        staff=row.body.get("staff", ""),
        household=household,
    )
    code = office.cmis.open_request(dossier.unit, rows, dossier.id)
    with office.work() as work:
        dossier = office.dossier(work, row.dossier)
        if dossier.state is DossierState.WAITING_CMIS:
            dossiers.give_code(work.session, dossier.id, code, DossierState.OPEN)
            work.record(unit=dossier.unit, actor="system", action="code", subject=dossier.id, code=code)
            work.commit()
    return "sent", code


def _progress(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    del in_doubt  # the adapter looks for the row of this step and sequence first
    body = row.body
    with office.work(reading=True) as work:
        dossier = office.dossier(work, row.dossier)
    office.cmis.add_progress(
        CmisProgress(
            unit=dossier.unit,
            request=dossier.code,
            point=body["point"],
            step=body["step"],
            next_step=body["next_step"],
            giver=body["giver"],
            taker=body["taker"],
            content=body["content"],
            began=datetime.fromisoformat(body["began"]),
            ended=datetime.fromisoformat(body["ended"]),
            due=datetime.fromisoformat(body["due"]) if body["due"] else None,
            sequence=int(body["sequence"]),
            obstacle=body["obstacle"],
        )
    )
    return "sent", ""


def _upload(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    del in_doubt  # the adapter compares with what CMIS holds first
    with office.work(reading=True) as work:
        dossier = office.dossier(work, row.dossier)
    pdf = office.blobs.get(row.body["sha256"])
    office.cmis.upload_file(dossier.unit, dossier.code, row.body["file_type"], pdf)
    return "sent", ""


def _message(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    if in_doubt:
        # this one may have left before the program died: asked about, never sent blindly again
        try:
            known = office.sms.find(row.id)
        except AdapterRefused as error:
            return Delivery.UNKNOWN, error.diagnosis("vi").cause
        if known is not None:
            return known.delivery, known.detail
    receipt = office.sms.send(ShortMessage(row.id, row.body["phone"], row.body["text"]))
    return receipt.delivery, receipt.detail


def _preserve(office: Office, row: OutgoingRow, in_doubt: bool) -> tuple[str, str]:
    """Try at most `PRESERVE_TRIES` times: after that the document stands in the archive's calendar for a later day."""
    del in_doubt  # a file that was extended and not released is extended again
    done = preserving.preserve(office, row.subject)
    if done.obstacle is None:
        return "sent", done.archived.level
    cause = done.obstacle.diagnosis("vi").cause
    return ("waiting" if row.tries < PRESERVE_TRIES else "postponed"), cause


_VERBS: Mapping[str, Callable[[Office, OutgoingRow, bool], tuple[str, str]]] = {
    "cmis_open": _open_request,
    "cmis_progress": _progress,
    "cmis_upload": _upload,
    "sms": _message,
    "preserve": _preserve,
}


def settle_messages(office: Office) -> int:
    """Ask the gateway about codes that were being sent when the program died; return how many were settled.

    What it does not know was never sent: that code is dead and another may be sent at once. What it can't be asked
    about stays UNKNOWN and is shown so.
    """
    with office.work(reading=True) as work:
        rows = list(
            work.session.exec(
                select(OutgoingRow).where(
                    OutgoingRow.kind == "sms", OutgoingRow.subject == "otp", OutgoingRow.state == "sending"
                )
            )
        )
    settled = 0
    for row in rows:
        try:
            found = office.sms.find(row.id) or Receipt("", Delivery.FAILED)
        except AdapterUnavailable:
            continue
        except AdapterError as error:
            found = Receipt("", Delivery.UNKNOWN, error.diagnosis("vi").cause)
        settled += _settle(office, row.id, found)
    return settled


def _settle(office: Office, message: str, found: Receipt) -> bool:
    with office.work() as work:
        row = work.row(OutgoingRow, message)
        if row.state != "sending":
            return False  # who sent it is alive and has said so
        row.state, row.gateway_id, row.detail = found.delivery, found.gateway_id, found.detail
        row.tries, row.updated_at = 1, clock.now()
        if found.delivery is Delivery.FAILED:
            waiting = select(ChallengeRow).where(ChallengeRow.message == message, ChallengeRow.state == "open")
            for challenge in work.session.exec(waiting):
                challenge.state = "failed"
        work.record(
            unit=office.unit, actor="system", action="sms", subject=message, template="otp", state=found.delivery
        )
        work.commit()
    return True
