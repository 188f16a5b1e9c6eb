"""Signatures made elsewhere: the customer's own token, what a locked document refuses, and every wrong answer."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import select

from console.kernel_desk import KernelDesk
from console.practice.people import PASSWORD, PEOPLE, subject_of
from console.wiring import close_office, open_office
from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.casework import consenting, drawing, elsewhere, signing_elsewhere
from kernel.casework.errors import (
    AnswerOfAnother,
    AnswerTooLate,
    CodeNone,
    DocumentLocked,
    NotReleased,
    SignerNotEntitled,
)
from kernel.dossier.errors import SlotOutOfOrder
from kernel.dossier.records import DocumentState
from kernel.signing.answers import Answer, read_answer
from kernel.signing.errors import CertificateInvalid, DocumentUnreadable, SignatureOfAnother
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from kernel.storage.tables import ElsewhereRow, SigningRow
from kernel.tokens.watch_client import Watch
from tests.outside_keys import certified, customer_key, openssl_cms, pades_cms, signed_hash
from tests.pki import rsa_key
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel.casework.elsewhere import Elsewhere
    from kernel.dossier.records import DossierDocument
    from tests.pki import SoftwareSigner
    from tests.practice import Branch


def rows(branch: Branch) -> list[ElsewhereRow]:
    with branch.office.work(reading=True) as work:
        return list(work.session.exec(select(ElsewhereRow)))


def prepare(branch: Branch, key: SoftwareSigner, field: str = "ben_mua") -> Elsewhere:
    """Prepare the contract from the file the customer brought: the certificate and its issuer as PEM."""
    document = branch.document(branch.case_id)
    bundle = b"".join(
        x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in (*key.chain, key.certificate)
    )
    return signing_elsewhere.prepare_for_device(branch.office, branch.clerk, document.id, field, bundle)


def hash_of(branch: Branch, waiting: Elsewhere) -> bytes:
    return signing_elsewhere.hand_out(branch.office, branch.clerk, waiting.id).hash


def take_back(branch: Branch, waiting: Elsewhere, data: bytes) -> DossierDocument:
    return signing_elsewhere.take_back(branch.office, branch.clerk, waiting.id, read_answer(data))


def refused(branch: Branch) -> str:
    return branch.audit("answer_refused")[-1].facts["why"]


def test_a_customers_own_token_stands_in_the_place_of_the_code(drawn: Branch) -> None:
    before = drawn.document(drawn.case_id)
    consenting.send_code(drawn.office, drawn.clerk, before.id, before.pages)
    key = customer_key(drawn)
    waiting = prepare(drawn, key)
    assert (waiting.state, waiting.open) == ("prepared", True)
    assert waiting.signer == drawn.dossier(drawn.case_id).values["ten_khach_hang"]
    assert drawn.document(drawn.case_id) == before
    # the code that was on its way is dead
    assert consenting.challenge(drawn.office, before.id) is None
    given = signing_elsewhere.hand_out(drawn.office, drawn.clerk, waiting.id)
    assert elsewhere.look(drawn.office, waiting.id).state == "handed_out"
    assert signing_elsewhere.hand_out(drawn.office, drawn.clerk, waiting.id) == given
    assert len(drawn.audit("hand_out")) == 1
    signature = signed_hash(key, given.hash)
    told = {"signature": signature.hex(), "certificate": base64.b64encode(key.certificate).decode()}
    signed = take_back(drawn, waiting, json.dumps(told).encode())
    assert (signed.state, signed.level) == (DocumentState.SIGNED, "B-B")
    [filled] = signed.filled
    assert (filled.field, filled.means, filled.at) == ("ben_mua", "signature", waiting.since)
    # what the customer was shown is still there, byte for byte
    pdf = drawn.office.blobs.get(signed.sha256)
    assert pdf.startswith(drawn.office.blobs.get(before.base_sha256))
    # the same answer again changes nothing, and the others sign after the customer as ever
    assert take_back(drawn, waiting, signature) == signed
    assert len(drawn.audit("sign")) == 1
    complete = drawn.sign(drawn.sign(signed))
    assert complete.state is DocumentState.COMPLETE
    report = verify(drawn.office.blobs.get(complete.sha256), drawn.office.trust)
    assert report.verdict is Verdict.VALID
    assert [one.field for one in report.signatures] == ["ben_mua", "ben_ban", "con_dau"]


def test_a_document_that_waits_is_locked(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    key = customer_key(drawn)
    waiting = prepare(drawn, key)
    until = f"{clock.local(waiting.until):%H:%M %d/%m}"
    for attempt in (
        lambda: prepare(drawn, key),
        lambda: consenting.send_code(drawn.office, drawn.clerk, document.id, document.pages),
        lambda: drawn.fill(drawn.case_id, ngay_ghi_chi_so="12"),
    ):
        with pytest.raises(DocumentLocked) as locked:
            attempt()
        words = said(locked.value)
        assert "Vũ Thị Diệu Ngà" in words
        assert until in words
    assert drawn.document(drawn.case_id) == document
    # cancelled: free at once, and the answer that still comes is refused and written down
    signature = signed_hash(key, hash_of(drawn, waiting))
    assert signing_elsewhere.cancel(drawn.office, drawn.clerk, waiting.id).state == "cancelled"
    with pytest.raises(AnswerTooLate) as late:
        take_back(drawn, waiting, signature)
    assert "hủy" in said(late.value)
    assert refused(drawn) == "elsewhere.too_late"
    assert drawn.document(drawn.case_id) == document
    # free again: another day's draft takes its place, and that one can be prepared
    drawn.clock.forward(days=1)
    waiting = prepare(drawn, key)
    with pytest.raises(DocumentLocked):
        drawing.draw(drawn.office, drawn.clerk, drawn.case_id, document.type)
    signing_elsewhere.cancel(drawn.office, drawn.clerk, waiting.id)
    assert drawing.draw(drawn.office, drawn.clerk, drawn.case_id, document.type).id != document.id


def test_while_the_director_signs_outside_no_token_does(drawn: Branch) -> None:
    agreed = drawn.agree(drawn.document(drawn.case_id))
    director = next(person for person in PEOPLE if person.user == "duc")
    key = certified(drawn, subject_of(director), rsa_key("giám đốc"))
    with drawn.office.work() as work:
        base = SigningRow(
            id="r", document=agreed.id, field="ben_ban", base_sha256=agreed.sha256, certificate="",
            certificate_der=b"", staff="duc", state="asked", at=drawn.clock.now(),
        )  # fmt: skip
        work.session.add(base)
        work.commit()
    with pytest.raises(DocumentLocked) as signing:  # a token is at it
        prepare(drawn, key, "ben_ban")
    assert "Phạm Quang Đức" in said(signing.value)
    drawn.clock.forward(minutes=3)
    waiting = prepare(drawn, key, "ben_ban")
    with pytest.raises(DocumentLocked):
        drawn.sign(agreed)
    signed = take_back(drawn, waiting, signed_hash(key, hash_of(drawn, waiting)))
    assert drawn.sign(signed).state is DocumentState.COMPLETE


def test_time_over(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    key = customer_key(drawn)
    waiting = prepare(drawn, key)
    signature = signed_hash(key, hash_of(drawn, waiting))
    drawn.clock.forward(minutes=31)
    assert elsewhere.look(drawn.office, waiting.id).state == "expired"
    with pytest.raises(AnswerTooLate) as late:
        take_back(drawn, waiting, signature)
    assert "quá giờ" in said(late.value)
    [row] = rows(drawn)
    assert (row.state, row.result_sha256) == ("expired", "")
    assert [one.facts["state"] for one in drawn.audit("elsewhere_ended")] == ["expired"]
    with pytest.raises(AnswerTooLate):
        signing_elsewhere.hand_out(drawn.office, drawn.clerk, waiting.id)
    assert drawn.document(drawn.case_id) == document
    # whoever comes next finds the document free, also where nobody had ended the one before
    again = prepare(drawn, key)
    drawn.clock.forward(minutes=31)
    assert drawn.agree(document).state is DocumentState.CONSENTED
    assert elsewhere.look(drawn.office, again.id).state == "expired"
    assert len(drawn.audit("elsewhere_ended")) == 2


def test_wrong_answers_leave_the_file_and_the_wait_as_they_are(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    key, stranger = customer_key(drawn), customer_key(drawn, name="Đỗ Văn Ữ", identity="CCCD:001090000009")
    waiting = prepare(drawn, key)
    digest = hash_of(drawn, waiting)
    right = signed_hash(key, digest)
    beside = {"signature": base64.b64encode(right).decode(), "certificate": stranger.certificate.hex()}
    for data, error, word in (
        (signed_hash(key, bytes(32)), SignatureOfAnother, "elsewhere"),
        (signed_hash(stranger, digest), SignatureOfAnother, "elsewhere"),
        (right[:-1] + bytes([right[-1] ^ 1]), SignatureOfAnother, "elsewhere"),
        (digest.hex().encode(), SignatureOfAnother, "elsewhere"),
        (json.dumps(beside).encode(), AnswerOfAnother, "Đỗ Văn Ữ"),
    ):
        with pytest.raises(error) as wrong:
            take_back(drawn, waiting, data)
        assert word == "elsewhere" or word in said(wrong.value)
        assert said(wrong.value)
        assert refused(drawn) == wrong.value.code
    assert elsewhere.look(drawn.office, waiting.id).open
    assert drawn.document(drawn.case_id) == document
    assert take_back(drawn, waiting, base64.encodebytes(right)).state is DocumentState.SIGNED


def test_the_rules_are_those_of_the_token(drawn: Branch) -> None:
    key = customer_key(drawn)
    for field, wrong_key, error in (
        ("ben_ban", key, SlotOutOfOrder),
        ("ben_mua", customer_key(drawn, name="Đỗ Văn Ữ", identity="CCCD:001090000009"), SignerNotEntitled),
    ):
        with pytest.raises(error):
            prepare(drawn, wrong_key, field)
    with pytest.raises(CertificateInvalid):
        signing_elsewhere.prepare_for_device(
            drawn.office, drawn.clerk, drawn.document(drawn.case_id).id, "ben_mua", "chứng thư số".encode()
        )
    assert rows(drawn) == []
    assert drawn.outgoing("collect") == []


def test_a_cms_of_the_customers_own_program(drawn: Branch, tmp_path: Path) -> None:
    document = drawn.document(drawn.case_id)
    key = customer_key(drawn)
    waiting = prepare(drawn, key)
    given = signing_elsewhere.hand_out(drawn.office, drawn.clerk, waiting.id)
    stranger = customer_key(drawn, name="Đỗ Văn Ữ", identity="CCCD:001090000009")
    made = pades_cms(key, given.content)
    broken = bytearray(made)
    broken[-3] ^= 1
    for cms, error in (
        (pades_cms(key, b"hop dong khac"), SignatureOfAnother),
        (pades_cms(stranger, given.content), SignatureOfAnother),
        (bytes(broken), NotReleased),
    ):
        with pytest.raises(error):
            take_back(drawn, waiting, cms)
    with pytest.raises(NotReleased) as dated:
        take_back(drawn, waiting, openssl_cms(key, given.content, tmp_path))
    assert "signingTime" in said(dated.value)
    assert drawn.document(drawn.case_id) == document
    pem = b"-----BEGIN CMS-----\n" + base64.encodebytes(made) + b"-----END CMS-----\n"
    signed = take_back(drawn, waiting, pem)
    assert signed.state is DocumentState.SIGNED
    assert verify(drawn.office.blobs.get(signed.sha256), drawn.office.trust).verdict is Verdict.VALID


def test_what_waits_outlives_a_restart(drawn: Branch) -> None:
    key = customer_key(drawn)
    waiting = prepare(drawn, key)
    signature = signed_hash(key, hash_of(drawn, waiting))
    office = open_office(drawn.home)
    try:
        answer = Answer(signature)
        signed = signing_elsewhere.take_back(office, office.system, waiting.id, answer)
    finally:
        close_office(office)
    assert signed.state is DocumentState.SIGNED
    assert unicodedata.is_normalized("NFC", signed.filled[0].signer)
    with pytest.raises(CodeNone):
        consenting.answer_code(drawn.office, drawn.clerk, signed.id, "123456", "spoken")


def test_the_desk_writes_and_reads_files(drawn: Branch, tmp_path: Path) -> None:
    """What the customer's USB stick gets and brings back."""
    key, stick = customer_key(drawn), tmp_path / "USB của khách"
    stick.mkdir()
    (stick / "chứng thư.cer").write_bytes(key.certificate)
    watch = Watch([], lambda _: None, log=tmp_path / "watch.log", env={})
    desk = KernelDesk(drawn.office, watch, "vi")
    desk.sign_in("nga", PASSWORD)
    document = drawn.document(drawn.case_id).id
    assert desk.signing_ways(document).keys == ()
    with pytest.raises(DocumentUnreadable) as gone:
        desk.prepare_for_device(document, "ben_mua", stick / "không có.cer")
    assert "không có.cer" in said(gone.value)
    # the file holds the certificate alone: its issuer lies in the trust store
    (drawn.home / "trust" / "cap-duoi.pem").write_bytes(
        x509.load_der_x509_certificate(key.chain[0]).public_bytes(Encoding.PEM)
    )
    waiting = desk.prepare_for_device(document, "ben_mua", stick / "chứng thư.cer")
    assert (waiting.place, waiting.open) == ("", True)
    assert desk.document(document).awaited == desk.elsewhere(document)
    given = desk.hand_out(waiting.id, stick)
    told, attributes, content = (path.read_bytes() for path in given.files)
    asked = json.loads(told)
    assert asked["mechanism"] == "rsa-sha256"
    assert hashlib.sha256(attributes).hexdigest() == asked["hash"] == given.hash.replace(" ", "").lower()
    assert base64.b64decode(asked["attributes"]) == attributes
    assert len(content) > len(attributes)
    assert given.text == f"QUAYDIEN:SHA256:{asked['hash'].upper()}"
    assert given.answer is not None
    with pytest.raises(DocumentUnreadable):
        desk.take_back(waiting.id, given.answer)
    given.answer.write_bytes(key.sign(attributes))
    signed = desk.take_back(waiting.id, given.answer)
    assert next((view.slot.field, view.state) for view in signed.slots) == ("ben_mua", "signature")
    assert signed.awaited is None
    assert desk.give_up(waiting.id).state == "done"
    desk.close()


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    """Do something in several threads at the same moment; return what came of each, errors too."""
    go = threading.Barrier(times)

    def one(_: int) -> object:
        go.wait()
        try:
            return act()
        except QuayDienError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_of_those_who_come_at_once_one_prepares_and_one_answer_counts(drawn: Branch) -> None:
    key = customer_key(drawn)
    came = at_once(4, lambda: prepare(drawn, key))
    assert sum(isinstance(one, DocumentLocked) for one in came) == 3
    [waiting] = [one for one in came if isinstance(one, elsewhere.Elsewhere)]
    signature = signed_hash(key, hash_of(drawn, waiting))
    released = at_once(3, lambda: take_back(drawn, waiting, signature))
    assert released == [drawn.document(drawn.case_id)] * 3
    assert len(drawn.audit("sign")) == len(drawn.audit("prepare_signature")) == 1
