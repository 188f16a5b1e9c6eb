"""Signing with keys of a remote service: a real CSC server, and every way it can go wrong before it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import TYPE_CHECKING

import aiohttp
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers import csc_signer as csc
from sqlmodel import select
from starlette.responses import JSONResponse, Response

from adapters.remote_signing.csc import CscService
from console.diagnosis_of_services import examine_remote
from console.examining import Examiner
from console.wiring import close_office, open_office
from kernel.api.errors import AdapterRefused
from kernel.api.ports import RemoteRequest, RemoteSigned
from kernel.casework import collecting, elsewhere, remote_signing, signing_elsewhere
from kernel.casework.errors import KeyNotForPerson, RemoteKeyGone, RemoteSecretMissing, RemoteServiceUnknown
from kernel.dossier.records import DocumentState
from kernel.settings import FILE_NAME
from kernel.signing.check import second_opinion
from kernel.signing.deferred import finish, prepare_signature
from kernel.signing.mechanism import Mechanism
from kernel.signing.prepared import Appearing
from kernel.signing.report import Verdict
from kernel.signing.trust import read_trust
from kernel.signing.verify import verify
from kernel.storage.tables import ElsewhereRow
from tests import remote_service as bad
from tests.integration.test_jobs import until, worker
from tests.pki import NOW, prepared
from tests.practice import at_work, copy_branch
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.api.ports import RemoteAnswer
    from kernel.casework.elsewhere import Elsewhere
    from kernel.dossier.records import DossierDocument
    from tests.practice import Branch, Clock
    from tests.remote_service import RemoteService

Give = Callable[..., "Branch"]

PIN = "73914628"


@pytest.fixture
def give(
    drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock, remote_service: RemoteService
) -> Iterator[Give]:
    """Opens a branch with the contract drawn where the service is set up; `changes` are options of the service."""
    template, case_id = drawn_template
    home = copy_branch(template, tmp_path / "home")
    (home / "trust" / "ky-tu-xa.pem").write_bytes(remote_service.root_pem)
    plain = (home / FILE_NAME).read_text("utf-8")
    with ExitStack() as stack:

        def opened(roles: str = '["GDV", "GD"]', **changes: str) -> Branch:
            options = {"base_url": f'"{remote_service.url}"', "timeout": "1.5", **changes}
            told = ", ".join(f"{name} = {value}" for name, value in options.items())
            (home / FILE_NAME).write_text(
                f'{plain}\n[[signing.remote]]\nid = "thu"\ntitle = "SmartKý Thử"\nadapter = "csc"\n'
                f'purposes = ["khach_hang", "nguoi_ky"]\nroles = {roles}\noptions = {{ {told} }}\n',
                "utf-8",
            )
            return stack.enter_context(at_work(home, steady, case_id))

        yield opened


def rows(branch: Branch) -> list[ElsewhereRow]:
    with branch.office.work(reading=True) as work:
        return list(work.session.exec(select(ElsewhereRow)))


def agreed(branch: Branch) -> DossierDocument:
    return branch.agree(branch.document(branch.case_id))


def ask(
    branch: Branch, document: DossierDocument, field: str = "ben_ban", key: str = "director", **secrets: str
) -> Elsewhere:
    """Ask the director, or whoever the key is kept for, at the clerk's request."""
    return remote_signing.ask(branch.office, branch.clerk, document.id, field, "thu", f"{bad.CA}/{key}", secrets)


def look(branch: Branch, waiting: Elsewhere) -> Elsewhere:
    """Let the worker look once."""
    collecting.attempt(branch.office, waiting.id)
    return elsewhere.look(branch.office, waiting.id)


def verdict(branch: Branch, document: DossierDocument) -> Verdict:
    return verify(branch.office.blobs.get(document.sha256), branch.office.trust).verdict


@pytest.mark.parametrize("key", ["director", "director-ec"])
def test_the_director_signs_by_phone(give: Give, remote_service: RemoteService, key: str) -> None:
    branch = give()
    document = agreed(branch)
    found = remote_signing.offers(branch.office, branch.clerk, document.id)
    assert found.failed == ()
    # the service told of others' keys too
    assert {(one.info.name, one.title, one.problem) for one in found.keys} == {("Phạm Quang Đức", "SmartKý Thử", None)}
    waiting = ask(branch, document, key=key)
    # nobody has waited for the service, and nothing was asked of it yet
    assert (waiting.state, remote_service.door.calls("credentials/authorize")) == ("prepared", 0)
    assert look(branch, waiting).state == "done"
    sent = next(one for one in remote_service.door.bodies if "description" in one)
    assert sent["description"].startswith("Hợp đồng mua bán điện")
    signed = branch.document(branch.case_id)
    assert (signed.state, signed.filled[-1].signer) == (DocumentState.SIGNED, "Phạm Quang Đức")
    assert verdict(branch, signed) is not Verdict.INVALID
    assert collecting.attempt(branch.office, waiting.id) is None
    assert [one.state for one in branch.outgoing("collect")] == ["sent"]
    assert branch.audit("sign")[-1].facts["service"] == "thu"
    assert branch.sign(signed).state is DocumentState.COMPLETE


def test_the_customer_signs_with_a_key_of_the_service(give: Give) -> None:
    branch = give()
    document = branch.document(branch.case_id)
    assert [one.info.uid for one in remote_signing.offers(branch.office, branch.clerk, document.id).keys] == [
        "CCCD:001192000001"
    ]
    for key in ("stranger", "director"):
        with pytest.raises(RemoteKeyGone):
            ask(branch, document, "ben_mua", key)
    assert rows(branch) == []
    assert look(branch, ask(branch, document, "ben_mua", "customer")).state == "done"
    assert branch.document(branch.case_id).filled[0].means == "signature"


def test_the_owner_takes_a_while(give: Give, remote_service: RemoteService) -> None:
    """Version 2: the service asks on the phone, then signs in its own time; a restart between changes nothing."""
    branch, door = give(version='"v2"', asynchronous="true"), remote_service.door
    document = agreed(branch)
    door.confirmed = False
    waiting = ask(branch, document)
    pauses = [collecting.attempt(branch.office, waiting.id) for _ in range(3)]
    assert pauses == sorted(pauses, key=lambda pause: pause or 0)
    found = elsewhere.look(branch.office, waiting.id)
    assert (found.state, found.detail) == ("handed_out", "")
    assert door.calls("credentials/authorize") == 1
    assert len(branch.audit("hand_out")) == 1
    assert branch.document(branch.case_id) == document
    office = open_office(branch.home)
    try:
        door.confirmed = True
        collecting.attempt(office, waiting.id)
        assert door.calls("signatures/signHash") == 1
        door.confirmed = False
        collecting.attempt(office, waiting.id)
        door.confirmed = True
        collecting.attempt(office, waiting.id)
        assert door.calls("signatures/signPolling") == 2
    finally:
        close_office(office)
    assert elsewhere.look(branch.office, waiting.id).state == "done"
    # what opens the key was used once and kept nowhere
    assert not branch.files_with("SAD")


def test_the_owner_says_no(give: Give, remote_service: RemoteService) -> None:
    branch, door = give(version='"v2"'), remote_service.door
    document = agreed(branch)
    door.declined = True
    found = look(branch, ask(branch, document))
    assert found.state == "refused"
    assert "Khách bấm Từ chối trên điện thoại" in found.detail
    assert branch.audit("elsewhere_ended")[-1].facts["why"] == "elsewhere.declined"
    # the document is free at once
    assert branch.sign(document).state is DocumentState.SIGNED


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_pin_typed_here(give: Give, remote_service: RemoteService, version: str) -> None:
    branch, door = give(version=f'"{version}"'), remote_service.door
    document = agreed(branch)
    door.explicit = {"PIN": PIN, "OTP": "204816"}
    [offer, *_] = remote_signing.offers(branch.office, branch.clerk, document.id).keys
    assert (offer.secrets, offer.sent) == (("PIN", "OTP"), ("OTP",))
    remote_signing.send_code(branch.office, branch.clerk, document.id, "ben_ban", "thu", offer.credential, "OTP")
    assert door.asked[-1] in ("credentials/sendOTP", "credentials/getChallenge")
    assert branch.audit("remote_code")[-1].facts["service"] == "thu"
    with pytest.raises(RemoteSecretMissing) as missing:
        ask(branch, document, PIN=PIN)
    assert "OTP" in said(missing.value)
    assert rows(branch) == []
    with pytest.raises(AdapterRefused) as wrong:
        ask(branch, document, PIN="00000000", OTP="204816")
    assert "invalid_pin" in said(wrong.value)
    assert [row.state for row in rows(branch)] == ["refused"]
    assert branch.document(branch.case_id) == document
    # the right one is used at once
    assert ask(branch, document, PIN=PIN, OTP="204816").state == "done"
    assert branch.files_with(PIN, "204816") == []


def test_who_may_ask(give: Give, remote_service: RemoteService) -> None:
    branch = give(roles='["GD"]')
    document = agreed(branch)
    [offer, *_] = remote_signing.offers(branch.office, branch.clerk, document.id).keys
    assert isinstance(offer.problem, KeyNotForPerson)
    with pytest.raises(KeyNotForPerson) as refused:
        ask(branch, document)
    assert "SmartKý" in said(refused.value) or "thu" in said(refused.value)
    with pytest.raises(RemoteServiceUnknown):
        remote_signing.ask(branch.office, branch.clerk, document.id, "ben_ban", "khác", "x", {})
    assert rows(branch) == []
    with remote_service.door.fault("credentials/list", bad.status(503)):
        found = remote_signing.offers(branch.office, branch.clerk, document.id)
    assert found.keys == ()
    assert "503" in said(found.failed[0])
    [well] = examine_remote(Examiner(branch.office, "vi"))
    assert (well.state, "SmartKý Thử" in well.finding) == ("ok", True)
    with remote_service.door.fault("info", bad.html):
        [ill] = examine_remote(Examiner(branch.office, "vi"))
    assert (ill.state, "CSC" in ill.finding) == ("failed", True)


def test_a_certificate_that_cannot_be_read_is_nobodys(give: Give, remote_service: RemoteService) -> None:
    branch = give()
    document = agreed(branch)
    garbled = base64.b64encode(b"\x30\x03 Ki").decode()

    def spoil(_method: str, body: bad.Body) -> bad.Body | Response:
        if not body["credentialID"].endswith("director"):
            return body
        key = {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"], "len": 2048}
        return JSONResponse({"key": key, "cert": {"certificates": [garbled]}, "authMode": "implicit", "multisign": 1})

    before = remote_signing.offers(branch.office, branch.named("duc"), document.id)
    with remote_service.door.fault("credentials/info", spoil):
        after = remote_signing.offers(branch.office, branch.named("duc"), document.id)
    assert (len(before.keys), len(after.keys), after.failed) == (2, 1, ())


ENDS_IT = {
    "another hash": ("", bad.other_hash, "signing.of_another", "không phải"),
    "another certificate": ("", bad.other_key(), "signing.of_another", "không phải"),
    "refused credentials": ("authorize", bad.status(401, {"error": "access_denied"}), "adapter.refused", "HTTP 401"),
    "declined": ("authorize", bad.status(403, {"error": "access_denied"}), "elsewhere.declined", "SmartKý Thử"),
    "refused": ("signHash", bad.status(400, {"error": "invalid_request"}), "adapter.refused", "invalid_request"),
}
"""Method, fault, why the wait ended, what the clerk reads."""


def test_answers_that_end_it(give: Give, remote_service: RemoteService) -> None:
    branch = give()
    document = agreed(branch)
    for name, (method, fault, why, words) in ENDS_IT.items():
        waiting = ask(branch, document)
        with remote_service.door.fault(method, fault):
            found = look(branch, waiting)
        assert (found.state, branch.audit("elsewhere_ended")[-1].facts["why"]) == ("refused", why), name
        assert words in found.detail, name
        # the file is as it was, and free
        assert branch.document(branch.case_id) == document, name
        assert collecting.attempt(branch.office, waiting.id) is None, name
    assert look(branch, ask(branch, document)).state == "done"


ASKED_AGAIN = {
    "html": (bad.html, "Đăng nhập"),
    "500": (bad.status(500), "HTTP 500"),
    "busy": (bad.status(503), "HTTP 503"),
    "no answer": (bad.silent(2.5), "ReadTimeout"),
}
"""Fault, what the clerk reads."""


def test_answers_that_are_asked_for_again(give: Give, remote_service: RemoteService) -> None:
    branch = give()
    document = agreed(branch)
    waiting = ask(branch, document)
    for name, (fault, words) in ASKED_AGAIN.items():
        with remote_service.door.fault("authorize", fault):
            found = look(branch, waiting)
        assert found.open, name
        assert words in found.detail, name
        assert branch.document(branch.case_id) == document, name
    assert look(branch, waiting).state == "done"


def test_a_late_answer(give: Give, remote_service: RemoteService) -> None:
    branch = give()
    document = agreed(branch)
    waiting = ask(branch, document)
    with remote_service.door.fault("signHash", bad.meanwhile(lambda: branch.clock.forward(minutes=6))):
        found = look(branch, waiting)
    assert found.state == "expired"
    assert branch.audit("answer_refused")[-1].facts["why"] == "elsewhere.too_late"
    assert [one.facts["state"] for one in branch.audit("elsewhere_ended")] == ["expired"]
    assert branch.document(branch.case_id) == document
    assert branch.sign(document).state is DocumentState.SIGNED


def test_cancelled_while_the_owner_decides(give: Give, remote_service: RemoteService) -> None:
    branch = give()
    document = agreed(branch)
    waiting = ask(branch, document)

    def cancelled() -> None:
        remote_signing.give_up(branch.office, branch.clerk, waiting.id)

    with remote_service.door.fault("signHash", bad.meanwhile(cancelled)):
        assert look(branch, waiting).state == "cancelled"
    assert branch.audit("answer_refused")[-1].facts["state"] == "cancelled"
    assert branch.document(branch.case_id) == document


def test_the_worker_finishes_by_itself(give: Give, remote_service: RemoteService) -> None:
    """It asks the services, and it ends what nobody brought in time."""
    branch = give()
    document = branch.document(branch.case_id)
    branch.clock.forward(minutes=-31)  # the worker goes by the clock on the wall
    own = remote_service.certificate("customer")
    forgotten = signing_elsewhere.prepare_for_device(branch.office, branch.clerk, document.id, "ben_mua", own)
    pause = collecting.attempt(branch.office, forgotten.id)
    assert pause is not None
    assert 1700 < pause <= 1800
    branch.clock.forward(minutes=31)
    with worker(branch):
        until(branch, lambda: [row.state for row in rows(branch)] == ["expired"])
        assert branch.audit("elsewhere_ended")[-1].actor == "system"
        waiting = ask(branch, document, "ben_mua", "customer")
        until(branch, lambda: elsewhere.look(branch.office, waiting.id).state == "done")
        until(branch, lambda: [one.state for one in branch.outgoing("collect")] == ["sent", "sent"])
    assert branch.document(branch.case_id).state is DocumentState.SIGNED


class Authorised(csc.CSCAuthorizationManager):
    """Has the service authorise one signature over the hashes, as pyHanko's documentation tells to."""

    def __init__(
        self, web: aiohttp.ClientSession, service: csc.CSCServiceSessionInfo, key: csc.CSCCredentialInfo
    ) -> None:
        super().__init__(service, key)
        self._web = web

    async def authorize_signature(self, hash_b64s: list[str]) -> csc.CSCAuthorizationInfo:
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        async with self._web.post(url, json=self.format_csc_auth_request(hash_b64s=hash_b64s)) as answer:
            return self.parse_csc_auth_response(await answer.json())


async def by_pyhanko(url: str, credential: str, data: bytes, pdf: bytes) -> tuple[bytes, bytes]:
    """Return what pyHanko's own client gets of the service: a signature over `data`, and `pdf` signed in ben_ban."""
    service = csc.CSCServiceSessionInfo(url, credential)
    async with aiohttp.ClientSession() as web:
        signer = csc.CSCSigner(web, Authorised(web, service, await csc.fetch_certs_in_csc_credential(web, service)))
        raw = await signer.async_sign_raw(data, "sha256")
        meta = PdfSignatureMetadata(field_name="ben_ban", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        made = await PdfSigner(meta, signer).async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    assert isinstance(made, BytesIO)
    return raw, made.getvalue()


def test_pyhanko_gets_the_same_of_the_same_service(remote_service: RemoteService) -> None:
    """PKCS #1 v1.5 is deterministic: both clients bring the same bytes, and both files read the same."""
    data, held = "Hợp đồng mua bán điện".encode(), f"{bad.CA}/director"
    raw, pdf = asyncio.run(by_pyhanko(remote_service.url, held, data, prepared()))
    service = CscService.from_settings({"base_url": remote_service.url})
    [own] = [one for one in service.credentials(["001074000006"]) if one.id == held]

    def begin(digest: bytes) -> RemoteAnswer:
        return service.begin(RemoteRequest("x", held, "rsa-sha256", b"", (digest,), "Hợp đồng", bytes), {})

    assert begin(hashlib.sha256(data).digest()) == RemoteSigned((raw,))
    pending = prepare_signature(
        prepared(),
        field="ben_ban",
        certificate=own.certificate,
        chain=own.chain,
        mechanism=Mechanism.RSA_SHA256,
        appearing=Appearing(NOW, "Phạm Quang Đức", "Ký", "Hà Nội", None),
    )
    answer = begin(pending.hash)
    service.close()
    assert isinstance(answer, RemoteSigned)
    ours = prepared() + finish(prepared(), pending, answer.signatures[0]).update
    for signed in (pdf, ours):
        second_opinion(signed, "ben_ban", remote_service.certificate("director"))
        [found] = verify(signed, read_trust(remote_service.root_pem, "CSC")).signatures
        assert (found.signer, found.intact, found.trusted) == ("Phạm Quang Đức", True, True)
