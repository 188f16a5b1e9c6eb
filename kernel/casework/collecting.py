"""One look at a signature that is being made elsewhere: asked of its service, finished, or given up in time.

Run by the worker, again and again until it is over. The console runs it once by itself where the owner has typed a PIN
or code, which is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from kernel import clock
from kernel.api.errors import AdapterAnswerInvalid, AdapterError, AdapterUnavailable, QuayDienError
from kernel.api.ports import RemoteDeclined, RemoteRequest, RemoteSigned, RemoteSigningPort, RemoteWaiting
from kernel.casework.elsewhere import pending_of
from kernel.casework.errors import RemoteDeclinedBySigner, RemoteServiceUnknown, cause_of
from kernel.casework.locks import OPEN, close, expire
from kernel.casework.office import Office
from kernel.casework.signing_elsewhere import take_back
from kernel.errors import DatabaseUnavailable, NotFound, StorageFull
from kernel.storage import documents
from kernel.storage.tables import ElsewhereRow, OutgoingRow

PAUSES = (2, 2, 3, 3, 5, 5, 10)
"""Seconds between two questions to a service; the last one is repeated."""


def attempt(office: Office, job: str) -> float | None:
    """Look once, and return in how many seconds to look again: None once it is over.

    What goes wrong is written down; nothing a person can meet is raised.
    """
    try:
        return _attempt(office, job)
    except NotFound:
        return None  # its transaction never came to pass
    except (DatabaseUnavailable, StorageFull):
        return PAUSES[-1]
    except Exception as error:
        # a fault of the program: the job ends here, where a person can see it
        with office.work() as work:
            outgoing = work.row(OutgoingRow, job)
            outgoing.state, outgoing.detail, outgoing.updated_at = "failed", type(error).__name__, clock.now()
            work.commit()
        raise


def _attempt(office: Office, job: str) -> float | None:
    with office.work() as work:
        row, outgoing = work.row(ElsewhereRow, job), work.row(OutgoingRow, job)
        left = (row.expires_at - clock.now()).total_seconds()
        overdue = row.state in OPEN and left <= 0
        if overdue:
            expire(office, work, row)
        if row.state not in OPEN:
            outgoing.state, outgoing.updated_at = "sent", clock.now()
        outgoing.tries += 1
        tries = outgoing.tries
        work.commit()
    if overdue:
        tell_over(office, job)
    if row.state not in OPEN:
        return None
    if not row.service:
        return left  # nobody to ask: whoever has the device brings the answer
    if not row.handle and outgoing.body["secrets"]:
        return min(PAUSES[-1], left)  # the console asks, with what the owner typed
    try:
        ask(office, job)
    except (AdapterUnavailable, AdapterAnswerInvalid) as error:
        _note(office, job, error)
    except (DatabaseUnavailable, StorageFull):
        raise
    except QuayDienError as error:
        refuse(office, job, error)
    return min(PAUSES[min(tries, len(PAUSES)) - 1], max(left, 0.1))


def ask(office: Office, request_id: str, secrets: Mapping[str, str] | None = None) -> None:
    """Ask the service once: begin, or what became of it; a signature is taken back at once.

    Raises RemoteServiceUnknown, RemoteDeclinedBySigner, AdapterError's children, and as `take_back`.
    """
    with office.work(reading=True) as work:
        row, outgoing = work.row(ElsewhereRow, request_id), work.row(OutgoingRow, request_id)
    kept = outgoing.body.get("signature", "")
    if not kept:
        service, request = _service(office, row), _request(office, row, outgoing)
        answer = service.collect(request, row.handle) if row.handle else service.begin(request, secrets or {})
        if isinstance(answer, RemoteWaiting):
            _keep_handle(office, request_id, answer)
            return
        if isinstance(answer, RemoteDeclined):
            raise RemoteDeclinedBySigner(service=title_of(office, row.service), detail=answer.detail.rstrip("."))
        kept = _keep_signature(office, request_id, answer)
    from kernel.signing.answers import answer_of

    take_back(office, office.system, request_id, answer_of(bytes.fromhex(kept)))


def _keep_handle(office: Office, request_id: str, answer: RemoteWaiting) -> None:
    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        if row.handle != answer.handle and row.state in OPEN:
            began = not row.handle
            row.state, row.handle, row.detail = "handed_out", answer.handle, ""
            work.session.add(row)
            if began:
                work.record(
                    unit=office.unit, actor="system", action="hand_out", subject=row.document, request=row.id,
                    hash=pending_of(row).hash.hex(),
                )  # fmt: skip
            work.commit()


def _keep_signature(office: Office, request_id: str, answer: RemoteSigned) -> str:
    """Keep what the service gave before anything is done with it: it may be given only once."""
    kept = answer.signatures[0].hex() if answer.signatures else ""
    with office.work() as work:
        outgoing = work.row(OutgoingRow, request_id)
        outgoing.body = {**outgoing.body, "signature": kept}
        work.commit()
    return kept


def _request(office: Office, row: ElsewhereRow, outgoing: OutgoingRow) -> RemoteRequest:
    pending = pending_of(row)
    parameters = pending.mechanism.cms()["parameters"]
    with office.work(reading=True) as work:
        document = documents.get(work.session, row.document)
    title = office.declared(document).title.vi
    return RemoteRequest(
        id=row.id,
        credential=outgoing.body["credential"],
        mechanism=row.mechanism,
        parameters=bytes(parameters.dump()) if pending.mechanism.scheme == "pss" else b"",
        hashes=(pending.hash,),
        description=f"{title} {document.number}".strip(),
        document=lambda: office.blobs.get(row.base_sha256) + row.update,
    )


def _service(office: Office, row: ElsewhereRow) -> RemoteSigningPort:
    try:
        return office.remote[row.service]
    except KeyError as error:
        raise RemoteServiceUnknown(service=row.service) from error


def title_of(office: Office, service: str) -> str:
    """Return what staff call a remote signing service."""
    return next((one.title for one in office.settings.signing.remote if one.id == service), service)


def refuse(office: Office, request_id: str, error: QuayDienError) -> None:
    """End the wait for a signature that will not come, unless it has ended already."""
    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        if row.state in OPEN:
            detail = error.diagnosis(office.settings.language).cause
            close(office, work, row, "refused", actor="system", why=error.code, detail=detail)
            work.commit()


def tell_over(office: Office, request_id: str) -> None:
    """Tell the service that nobody waits any more; where it can't be told, its answer is refused anyway."""
    with office.work(reading=True) as work:
        row, outgoing = work.row(ElsewhereRow, request_id), work.row(OutgoingRow, request_id)
    service = office.remote.get(row.service)
    if service is not None and row.handle:
        with suppress(AdapterError):
            service.cancel(_request(office, row, outgoing), row.handle)


def _note(office: Office, request_id: str, error: AdapterError) -> None:
    """Show why nothing is known yet."""
    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        row.detail = cause_of(error).vi if office.settings.language == "vi" else cause_of(error).en
        work.session.add(row)
        work.commit()
