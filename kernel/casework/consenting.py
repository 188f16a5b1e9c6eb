"""The customer agrees: a one-time code by SMS, bound to the bytes shown, and the evidence kept of it."""

from __future__ import annotations

import socket
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from sqlmodel import col, func, select

from kernel import clock
from kernel.api.documents import Purpose, SignatureSlot
from kernel.api.errors import AdapterError
from kernel.api.identifiers import mask_phone
from kernel.api.messages import message
from kernel.api.ports import Delivery, Receipt, ShortMessage
from kernel.casework.codes import ALGORITHM, new_code, new_salt
from kernel.casework.errors import (
    CodeDailyLimit,
    CodeExhausted,
    CodeExpired,
    CodeNone,
    CodeTooSoon,
    CodeUsed,
    CodeWrong,
    MessageFailed,
    PhoneMissing,
)
from kernel.casework.locks import refuse_locked
from kernel.casework.office import Actor, Office
from kernel.casework.posting import outgoing_row
from kernel.dossier.document_values import draw_of, values_of
from kernel.dossier.records import Dossier, DossierDocument, Filled
from kernel.dossier.signing_order import expect_next, fill
from kernel.storage import documents
from kernel.storage.tables import ChallengeRow, EvidenceRow, OutgoingRow
from kernel.storage.unit_of_work import UnitOfWork

Given = Literal["spoken", "keypad"]
GIVEN_BY = {"spoken": "doc_cho_nhan_vien", "keypad": "ban_phim_khach"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that is on its way or waits for its answer. `phone` is masked."""

    document: str
    phone: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int
    delivery: Delivery


def challenge(office: Office, document_id: str) -> Challenge | None:
    """Return the code that is open for a document, or None."""
    with office.work(reading=True) as work:
        row = _newest(work, document_id)
        if row is None or row.state != "open":
            return None
        sent = work.session.get(OutgoingRow, row.message)
        # still "sending" when the program died before the gateway's answer was noted
        known = sent is not None and sent.state != "sending"
        return _shown(row, Delivery(sent.state) if sent and known else Delivery.UNKNOWN)


def send_code(office: Office, actor: Actor, document_id: str, pages_viewed: int) -> Challenge:
    """Send a new code for a document; an older one dies.

    Raises SlotOutOfOrder, DocumentEnded, DocumentLocked, PhoneMissing, CodeTooSoon, CodeDailyLimit, MessageFailed and
    the children of AdapterError.
    """
    rules, now, code, salt = office.settings.code, clock.now(), new_code(), new_salt()
    with office.work() as work:
        document = documents.get(work.session, document_id)
        dossier = office.dossier(work, document.dossier)
        slot = _customer_slot(office, document)
        refuse_locked(office, work, document_id)
        values = values_of(draw_of(office.service(dossier), document), dossier.values)
        phone = str(values.get("dien_thoai", ""))
        if not phone:
            raise PhoneMissing(code=dossier.code)
        _refuse_too_many(office, work, document_id, phone, now)
        withdraw_codes(work, document_id)
        facts = {
            "branch": office.settings.branch.name,
            "document": office.declared(document).title.vi,
            "number": document.number,
            "code": code,
            "minutes": str(rules.valid_minutes),
            "hotline": office.settings.branch.party.get("cskh", ""),
        }
        text = office.sms.compose("otp", facts)
        sent = outgoing_row(
            kind="sms",
            dossier=dossier.id,
            subject="otp",
            body={"phone": phone, "document": document_id},
            state="sending",
        )
        row = ChallengeRow(
            id=uuid4().hex,
            document=document_id,
            sha256=document.sha256,
            phone=phone,
            salt=salt,
            keyed_hash=office.code_key.hashed(code, salt=salt, document_sha256=document.sha256),
            pages_viewed=pages_viewed,
            sent_at=now,
            expires_at=now + timedelta(minutes=rules.valid_minutes),
            tries_left=rules.tries,
            state="open",
            message=sent.id,
            staff=actor.id,
        )
        work.session.add(sent)
        work.session.add(row)
        work.record(
            unit=dossier.unit, actor=actor.id, action="send_code", subject=document_id,
            field=slot.field, sha256=document.sha256, message=sent.id,
        )  # fmt: skip
        # committed before it is sent: a code that reaches the customer is known here, whatever dies in between
        work.commit()
    return _hand_over(office, row.id, ShortMessage(sent.id, phone, text))


def answer_code(office: Office, actor: Actor, document_id: str, code: str, given: Given) -> DossierDocument:
    """Check the customer's answer; a right one is attached to the document as evidence.

    Raises CodeNone, CodeUsed, CodeExpired, CodeWrong, CodeExhausted, DocumentLocked, and DocumentEnded when the
    document became void in the meantime. A wrong answer costs a try.
    """
    now = clock.now()
    with office.work() as work:
        document = documents.get(work.session, document_id)
        row = _newest(work, document_id)
        _refuse_dead(office, work, document, row, now)
        if row is None or row.sha256 != document.sha256:
            raise CodeNone
        _customer_slot(office, document)
        refuse_locked(office, work, document_id)
        row.tries_left -= 1
        right = office.code_key.matches(
            code.strip(), salt=row.salt, document_sha256=row.sha256, expected=row.keyed_hash
        )
        if not right:
            row.state = "open" if row.tries_left else "exhausted"
            work.record(
                unit=office.unit, actor=actor.id, action="wrong_code", subject=document_id, tries_left=row.tries_left
            )
            work.commit()
            raise CodeWrong(tries_left=row.tries_left) if row.tries_left else CodeExhausted
        dossier = office.dossier(work, document.dossier)
        row.state = "answered"
        agreed = _attach(office, work, actor, dossier, document, row, given, now)
        work.commit()
    return agreed


def withdraw_codes(work: UnitOfWork, document_id: str) -> None:
    """Let the codes die that wait for an answer: another was sent, or the customer signs instead."""
    for old in _open(work, document_id):
        old.state = "replaced"


def _attach(
    office: Office,
    work: UnitOfWork,
    actor: Actor,
    dossier: Dossier,
    document: DossierDocument,
    row: ChallengeRow,
    given: Given,
    now: datetime,
) -> DossierDocument:
    # imported late: pyHanko is loaded when the first customer agrees
    from kernel.signing.consent import attach_consent
    from kernel.signing.evidence import Answer, ConsentedDocument, ConsentEvidence, OneTimeCode, Place, evidence_hash
    from kernel.signing.evidence import Delivery as DeliveryEvidence

    sent = work.session.get(OutgoingRow, row.message)
    last = work.session.exec(select(EvidenceRow).order_by(col(EvidenceRow.sequence).desc()).limit(1)).first()
    declared = office.declared(document)
    slot = _customer_slot(office, document)
    values = values_of(draw_of(office.service(dossier), document), dossier.values)
    evidence = ConsentEvidence(
        document=ConsentedDocument(
            id=document.id,
            type=document.type,
            version=str(document.edition),
            sha256=document.base_sha256,
            length=document.base_length,
            pages=document.pages,
            pages_viewed=row.pages_viewed,
        ),
        customer=str(values.get("ten_khach_hang", "")),
        delivery=DeliveryEvidence(
            phone=row.phone,
            phone_verified_by="nhan_ma_tai_quay",
            message_id=row.message,
            gateway=office.settings.sms.adapter,
            brandname=str(office.settings.sms.options.get("from", "")),
            sent_at=row.sent_at.isoformat(),
            delivered_at=sent.updated_at.isoformat() if sent and sent.state == Delivery.DELIVERED else "",
        ),
        code=OneTimeCode(
            hash=row.keyed_hash,
            salt=row.salt,
            key_id=office.code_key.id,
            algorithm=ALGORITHM,
            tries=office.settings.code.tries - row.tries_left,
        ),
        answer=Answer(
            confirmed_at=now.isoformat(),
            given_by=GIVEN_BY[given],
            sentence=message(
                "consent.sentence", "vi", document=declared.title.vi, number=document.number, pages=document.pages
            ),
        ),
        place=Place(
            clerk=actor.employee_code or actor.id,
            workstation=socket.gethostname(),
            ip="",
            channel="quay",
            identity_check="da_xem" if "giay_to_tuy_than" in dossier.papers else "",
        ),
        previous=last.sha256 if last else "",
    )
    record = asdict(evidence)
    pdf = attach_consent(office.blobs.get(document.sha256), record)
    sha256 = evidence_hash(evidence.to_json())
    work.session.add(
        EvidenceRow(
            document=document.id, challenge=row.id, record=record, sha256=sha256, previous=last.sha256 if last else ""
        )
    )
    done = Filled(slot.field, slot.purpose, "consent", evidence.customer, now)
    agreed = replace(fill(document, declared, done), sha256=office.blobs.put(pdf))
    documents.put(work.session, agreed)
    work.record(
        unit=dossier.unit, actor=actor.id, action="consent", subject=document.id,
        consented=document.base_sha256, evidence=sha256, result=agreed.sha256,
    )  # fmt: skip
    return agreed


def _customer_slot(office: Office, document: DossierDocument) -> SignatureSlot:
    """Return the customer's slot if it is the customer's turn. Raises as `expect_next`."""
    declared = office.declared(document)
    wanted = next(slot.field for slot in declared.slots if slot.purpose is Purpose.CUSTOMER)
    return expect_next(document, declared, wanted)


def _hand_over(office: Office, challenge_id: str, short_message: ShortMessage) -> Challenge:
    failure: AdapterError | None = None
    try:
        receipt = office.sms.send(short_message)
    except AdapterError as error:
        failure, receipt = error, Receipt("", Delivery.FAILED, error.diagnosis("vi").cause)
    with office.work() as work:
        row = work.row(ChallengeRow, challenge_id)
        sent = work.row(OutgoingRow, short_message.id)
        sent.state, sent.gateway_id, sent.detail = receipt.delivery, receipt.gateway_id, receipt.detail
        sent.tries, sent.updated_at = 1, clock.now()
        if receipt.delivery is Delivery.FAILED:
            row.state = "failed"
        elif row.state == "failed":
            row.state = "open"  # another process took this one for dead while the gateway was slow
        work.record(
            unit=office.unit, actor=row.staff, action="sms", subject=sent.id, template="otp", state=receipt.delivery
        )
        work.commit()
    if failure is not None:
        raise failure
    if receipt.delivery is Delivery.FAILED:
        raise MessageFailed(detail=receipt.detail.rstrip("."))
    return _shown(row, receipt.delivery)


def _refuse_too_many(office: Office, work: UnitOfWork, document_id: str, phone: str, now: datetime) -> None:
    rules = office.settings.code
    last = _newest(work, document_id)
    if last is not None and last.state != "failed":
        passed = int((now - last.sent_at).total_seconds())
        # a clock that was set back must not make the customer wait for it
        if 0 <= passed < rules.resend_seconds:
            raise CodeTooSoon(seconds=rules.resend_seconds - passed)
    midnight = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    sent_today = work.session.exec(
        select(func.count())
        .select_from(ChallengeRow)
        .where(ChallengeRow.phone == phone, col(ChallengeRow.sent_at) >= midnight, ChallengeRow.state != "failed")
    ).one()
    if sent_today >= rules.sends_a_day:
        raise CodeDailyLimit(phone=mask_phone(phone), limit=rules.sends_a_day)


def _refuse_dead(
    office: Office, work: UnitOfWork, document: DossierDocument, row: ChallengeRow | None, now: datetime
) -> None:
    if row is None or row.state in ("replaced", "failed"):
        raise CodeNone
    if row.state == "answered":
        agreed = next((one.at for one in document.filled if one.means == "consent"), row.sent_at)
        raise CodeUsed(at=f"{clock.local(agreed):%H:%M %d/%m/%Y}")
    if row.state == "exhausted":
        raise CodeExhausted
    if row.state == "expired" or now > row.expires_at:
        row.state = "expired"
        work.commit()
        raise CodeExpired(minutes=office.settings.code.valid_minutes)


def _newest(work: UnitOfWork, document_id: str) -> ChallengeRow | None:
    return work.session.exec(
        select(ChallengeRow)
        .where(ChallengeRow.document == document_id)
        # the open one is the newest, whatever the clock said when it was sent
        .order_by(col(ChallengeRow.state) != "open", col(ChallengeRow.sent_at).desc())
        .limit(1)
    ).first()


def _open(work: UnitOfWork, document_id: str) -> list[ChallengeRow]:
    return list(
        work.session.exec(
            select(ChallengeRow).where(ChallengeRow.document == document_id, ChallengeRow.state == "open")
        )
    )


def _shown(row: ChallengeRow, delivery: Delivery) -> Challenge:
    return Challenge(row.document, mask_phone(row.phone), row.sent_at, row.expires_at, row.tries_left, delivery)
