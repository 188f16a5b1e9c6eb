"""Signing through the public eSign gateway: a contract the whole way, and everything the gateway can answer."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.remote_signing.gateway import Gateway
from adapters.remote_signing.gateway_shapes import State
from console.diagnosis_of_services import examine_remote
from console.examining import Examiner
from kernel.api.errors import AdapterAnswerInvalid, AdapterMisconfigured, AdapterUnavailable, RemoteAccountRefused
from kernel.api.ports import RemoteRequest, RemoteSigned, RemoteWaiting
from kernel.casework import collecting, elsewhere, remote_signing
from kernel.dossier.records import DocumentState
from kernel.settings import FILE_NAME
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests import esign_gateway as gateway
from tests.esign_gateway import told
from tests.practice import at_work, copy_branch
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kernel.casework.elsewhere import Elsewhere
    from kernel.dossier.records import DossierDocument
    from tests.esign_gateway import Body, Fault, Model
    from tests.practice import Branch, Clock

    Give = Callable[..., Branch]


@pytest.fixture
def model() -> Iterator[Model]:
    with gateway.serving(gateway.new_model()) as running:
        yield running


@pytest.fixture
def give(drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock, model: Model) -> Iterator[Give]:
    """Opens a branch with the contract drawn where the gateway is switched on; `changes` are its options."""
    template, case_id = drawn_template
    home = copy_branch(template, tmp_path / "home")
    (home / "trust" / "esign.pem").write_bytes(model.trust_pem)
    plain = (home / FILE_NAME).read_text("utf-8")
    with ExitStack() as stack:

        def opened(more: str = "", **changes: str) -> Branch:
            (home / FILE_NAME).write_text(plain + gateway.section(model, **changes) + more, "utf-8")
            return stack.enter_context(at_work(home, steady, case_id))

        yield opened


def agreed(branch: Branch) -> DossierDocument:
    return branch.agree(branch.document(branch.case_id))


def ask(branch: Branch, document: DossierDocument, key: str, field: str = "ben_ban") -> Elsewhere:
    return remote_signing.ask(branch.office, branch.clerk, document.id, field, "esign", key, {})


def look(branch: Branch, waiting: Elsewhere) -> Elsewhere:
    """Let the worker look once."""
    collecting.attempt(branch.office, waiting.id)
    return elsewhere.look(branch.office, waiting.id)


@pytest.mark.parametrize(
    ("label", "pss", "changes"),
    [
        ("director", False, {}),
        ("director-ec", False, {}),
        ("director", True, {"rsa_mechanism": '"pss-sha256"'}),
        ("director", False, {"sp_password": '""', "token": f'"{gateway.TOKEN}"', "sp_id": '""'}),
    ],
)
def test_the_director_signs_through_the_gateway(
    give: Give, model: Model, label: str, pss: bool, changes: dict[str, str]
) -> None:
    model.pss = pss
    branch = give(**changes)
    document = agreed(branch)
    found = remote_signing.offers(branch.office, branch.clerk, document.id)
    assert found.failed == ()
    assert {(one.info.name, one.title, one.problem) for one in found.keys} == {("Phạm Quang Đức", "Cổng eSign", None)}
    waiting = ask(branch, document, model.key(label))
    first = look(branch, waiting)
    second = look(branch, waiting)
    assert [(one.state, one.detail) for one in (first, second)] == [("handed_out", "")] * 2
    assert branch.document(branch.case_id) == document
    model.phone(State.SIGNED)
    assert look(branch, waiting).state == "done"
    signed = branch.document(branch.case_id)
    assert (signed.state, signed.filled[-1].signer) == (DocumentState.SIGNED, "Phạm Quang Đức")
    report = verify(branch.office.blobs.get(signed.sha256), branch.office.trust)
    assert report.verdict is Verdict.VALID
    assert [(one.signer, one.revocation) for one in report.signatures][-1] == ("Phạm Quang Đức", "good")
    [sent] = [body for path, _, body in model.asked if path == "/v1/signatures/sign"]
    assert sent["transaction_desc"].startswith("Hợp đồng mua bán điện")
    assert sent["transaction_id"] == waiting.id
    assert "token" in changes or sent["sp_id"] == gateway.SP_ID
    assert ("sp_password" in sent) == ("token" not in changes)


def test_the_customer_signs_through_the_gateway(give: Give, model: Model) -> None:
    branch = give()
    document = branch.document(branch.case_id)
    waiting = ask(branch, document, model.key("customer"), "ben_mua")
    look(branch, waiting)
    model.phone(State.SIGNED)
    assert look(branch, waiting).state == "done"
    assert branch.document(branch.case_id).filled[0].means == "signature"


ENDS = {
    State.EXPIRED: ("remote.confirmation_expired", "khoảng 5 phút"),
    State.DECLINED: ("elsewhere.declined", "SIGNER"),
    State.KEY_NOT_AUTHORISED: ("remote.key_not_authorised", "khóa không được mở"),
    State.FAILED: ("remote.signing_failed", "không ký được"),
}
"""What the phone or the gateway decides, why the wait ended, what the clerk reads."""


def test_states_that_end_it(give: Give, model: Model) -> None:
    branch = give()
    document = agreed(branch)
    for state, (why, words) in ENDS.items():
        waiting = ask(branch, document, model.key("director"))
        assert look(branch, waiting).open
        model.phone(state)
        found = look(branch, waiting)
        assert (found.state, branch.audit("elsewhere_ended")[-1].facts["why"]) == ("refused", why), state
        assert words in found.detail, state
        assert branch.document(branch.case_id) == document, state
    assert branch.sign(document).state is DocumentState.SIGNED


def other_hash(_: str, body: Body) -> Body:
    """Have something else signed."""
    other = hashlib.sha256("hợp đồng khác".encode()).hexdigest()
    return {**body, "sign_files": [{**one, "data_to_be_signed": other} for one in body["sign_files"]]}


def always(answer: tuple[int, bytes]) -> Fault:
    return lambda *_: answer


REFUSED: dict[str, tuple[int, str, str, str]] = {
    "bad request": (400, "BAD_REQUEST", "adapter.refused", "HTTP 400"),
    "account": (401, "SP_CREDENTIAL_INVALID", "remote.account_refused", "sp_id"),
    "certificate": (403, "CREDENTIAL_STATUS_INVALID", "remote.certificate_unusable", "bị thu hồi"),
}


@pytest.mark.parametrize("inside", [False, True], ids=["by HTTP", "in the envelope"])
def test_refusals_end_it(give: Give, model: Model, inside: bool) -> None:
    branch = give()
    document = agreed(branch)
    for name, (code, message, why, words) in REFUSED.items():
        waiting = ask(branch, document, model.key("director"))
        answer = told(code, message, http=200 if inside else None)
        with model.fault("/sign", always(answer)):
            found = look(branch, waiting)
        assert (found.state, branch.audit("elsewhere_ended")[-1].facts["why"]) == ("refused", why), name
        assert words in found.detail, name
        assert branch.document(branch.case_id) == document, name


def unchanged(_: str, body: Body) -> Body:
    return body


def test_a_signature_over_something_else_or_by_somebody_else_is_refused(give: Give, model: Model) -> None:
    branch = give()
    document = agreed(branch)
    for fault, signs_with in ((other_hash, ""), (unchanged, "stranger"), (unchanged, "customer")):
        model.signs_with = signs_with
        waiting = ask(branch, document, model.key("director"))
        with model.fault("/v1/signatures/sign", fault):
            look(branch, waiting)
        model.phone(State.SIGNED)
        assert look(branch, waiting).state == "refused", signs_with
        assert branch.audit("elsewhere_ended")[-1].facts["why"] == "signing.of_another"
        assert branch.document(branch.case_id) == document


def wait_too_long(_: str, body: Body) -> Body:
    threading.Event().wait(2.5)
    return body


AGAIN: dict[str, tuple[Any, str]] = {
    "html": (lambda *_: (200, "<h1>Đăng nhập</h1>".encode()), "Đăng nhập"),
    "500": (lambda *_: told(500, "INTERNAL"), "HTTP 500"),
    "500 in the envelope": (lambda *_: told(500, "INTERNAL", http=200), "HTTP 500"),
    "unknown state": (lambda *_: told(4999, "?", {}, http=200), "ValueError"),
    "no data": (lambda *_: told(200, "SUCCESS"), "TypeError"),
    "array": (lambda *_: (200, b"[]"), "[]"),
    "busy": (lambda *_: (503, b""), "HTTP 503"),
    "no answer": (wait_too_long, "ReadTimeout"),
}
"""Fault, what the clerk reads. Nothing is decided by any of these: it is asked again."""


def test_answers_that_are_asked_for_again(give: Give, model: Model) -> None:
    branch = give()
    document = agreed(branch)
    waiting = ask(branch, document, model.key("director"))
    for path in ("/v1/signatures/sign", "/status"):
        for name, (fault, words) in AGAIN.items():
            with model.fault(path, fault):
                found = look(branch, waiting)
            assert found.open, (path, name)
            assert words in found.detail, (path, name)
        look(branch, waiting)
    # the transaction the gateway began when its answer was lost is the one that goes on
    assert len(model.transactions) == 1
    model.phone(State.SIGNED)
    assert look(branch, waiting).state == "done"


def test_a_late_answer(give: Give, model: Model) -> None:
    branch = give()
    document = agreed(branch)
    waiting = ask(branch, document, model.key("director"))
    look(branch, waiting)
    model.phone(State.SIGNED)

    def slow(_: str, body: Body) -> Body:
        branch.clock.forward(minutes=6)
        return body

    with model.fault("/status", slow):
        assert look(branch, waiting).state == "expired"
    assert branch.audit("answer_refused")[-1].facts["why"] == "elsewhere.too_late"
    assert branch.document(branch.case_id) == document


def test_doctor_tells_of_the_gateway(give: Give, model: Model) -> None:
    branch = give()
    [well] = examine_remote(Examiner(branch.office, "vi"))
    assert (well.state, "Cổng eSign" in well.finding, "127.0.0.1" in well.finding) == ("ok", True, True)
    with model.fault("GET", lambda *_: (503, b"")):
        [ill] = examine_remote(Examiner(branch.office, "vi"))
    assert (ill.state, "eSign" in ill.finding) == ("failed", True)


def test_the_gateway_stands_beside_another_service(give: Give, model: Model, remote_service: Any) -> None:
    """Keys of both are offered; a wrong account at the one leaves the other."""
    other = (
        '\n[[signing.remote]]\nid = "thu"\ntitle = "SmartKý Thử"\nadapter = "csc"\npurposes = ["nguoi_ky"]\n'
        f'roles = ["GDV"]\noptions = {{ base_url = "{remote_service.url}" }}\n'
    )
    branch = give(other)
    document = agreed(branch)
    assert {one.service for one in remote_signing.offers(branch.office, branch.clerk, document.id).keys} == {
        "esign",
        "thu",
    }
    with model.fault("get_certificate", lambda *_: told(401, "SP_CREDENTIAL_INVALID")):
        found = remote_signing.offers(branch.office, branch.clerk, document.id)
    assert {one.service for one in found.keys} == {"thu"}
    assert "sp_password" in said(found.failed[0])


# The line


def options(model: Model, **changes: object) -> dict[str, object]:
    return {"base_url": model.url, "sp_id": gateway.SP_ID, "sp_password": gateway.SP_PASSWORD, "timeout": 3, **changes}


def test_signing_over_tls(tmp_path: Path) -> None:
    context, ca_file = gateway.server_tls(tmp_path)
    with gateway.serving(gateway.new_model(), context) as model:
        service = Gateway.from_settings(options(model, ca_file=str(ca_file)))
        assert "TLSv1." in service.about()
        [key] = service.credentials(["001192000001", "001192000001"])
        digest = hashlib.sha256("Hợp đồng".encode()).digest()
        request = RemoteRequest("g-1", key.id, "rsa-sha256", b"", (digest, digest[::-1]), "Hợp đồng 07/2026", bytes)
        waiting = service.begin(request, {})
        assert isinstance(waiting, RemoteWaiting)
        assert service.collect(request, waiting.handle) == waiting
        model.phone(State.SIGNED)
        made = service.collect(request, waiting.handle)
        assert isinstance(made, RemoteSigned)
        assert len(set(made.signatures)) == 2
        service.close()
        untrusting = Gateway.from_settings(options(model))
        with pytest.raises(AdapterUnavailable) as refused:
            untrusting.credentials(["001192000001"])
        assert "CERTIFICATE_VERIFY_FAILED" in said(refused.value)
        untrusting.close()


def test_a_server_of_tls_1_1_is_refused(tmp_path: Path) -> None:
    context, ca_file = gateway.server_tls(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with gateway.serving(gateway.new_model(), context) as model:
        # it is the version: a client that takes 1.1 is served
        old = ssl.create_default_context(cafile=str(ca_file))
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            old.minimum_version = ssl.TLSVersion.TLSv1_1
        port = int(model.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            old.wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            assert line.version() == "TLSv1.1"
        service = Gateway.from_settings(options(model, ca_file=str(ca_file)))
        with pytest.raises(AdapterUnavailable) as refused:
            service.credentials(["001192000001"])
        assert "ConnectError" in said(refused.value)
        assert model.asked == []
        service.close()


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        ({"base_url": "http://esign.neac.gov.vn"}, "base_url"),
        ({"base_url": "http://127.0.0.1.example.vn"}, "base_url"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url"),
        ({"sp_id": ""}, "sp_id"),
        ({"sp_password": ""}, "sp_password"),
        ({"token": "x"}, "sp_password"),
        ({"status_path": "/v1/{id}/status"}, "status_path"),
        ({"user_id": "CMT_{cccd}"}, "user_id"),
        ({"rsa_mechanism": "rsa-sha1"}, "rsa_mechanism"),
    ],
)
def test_wrong_settings_are_named(changes: dict[str, object], entry: str) -> None:
    account = {"sp_id": gateway.SP_ID, "sp_password": gateway.SP_PASSWORD}
    with pytest.raises(AdapterMisconfigured) as wrong:
        Gateway.from_settings({**account, **changes})
    assert f"[signing.remote.options] {entry}" in said(wrong.value)


def test_a_wrong_password_is_not_shown(model: Model) -> None:
    service = Gateway.from_settings(options(model, sp_password="SAI-mật-khẩu"))
    with pytest.raises(RemoteAccountRefused) as refused:
        service.credentials(["001192000001"])
    assert "SP_CREDENTIAL_INVALID" in said(refused.value)
    assert "SAI" not in said(refused.value)
    service.close()


STRANGE: dict[str, Callable[[Body], object]] = {
    "another transaction": lambda data: {**data, "transaction_id": "khác"},
    "a path": lambda data: {**data, "tran_code": "../../v1/credentials"},
    "no code": lambda data: {"transaction_id": data["transaction_id"]},
    "a number": lambda data: {**data, "tran_code": 7},
    "a list": lambda data: [data],
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_transaction_is_not_waited_for(model: Model, strange: str) -> None:
    service = Gateway.from_settings(options(model))
    request = RemoteRequest("g-1", model.key("customer"), "rsa-sha256", b"", (bytes(32),), "Hợp đồng", bytes)

    def answer(_: str, body: Body) -> tuple[int, bytes]:
        data = STRANGE[strange]({"transaction_id": body["transaction_id"], "tran_code": "t-1"})
        envelope = {"status_code": 200, "message": "sig_wait_for_user_confirm", "data": data}
        return 200, json.dumps(envelope).encode()

    with model.fault("/sign", answer), pytest.raises(AdapterAnswerInvalid) as invalid:
        service.begin(request, {})
    said(invalid.value)
    service.close()


@pytest.mark.parametrize("code", [1, 200])
def test_both_ways_of_saying_signed(model: Model, code: int) -> None:
    service = Gateway.from_settings(options(model))
    request = RemoteRequest("g-1", model.key("customer"), "rsa-sha256", b"", (bytes(32),), "Hợp đồng", bytes)
    made = {"transaction_id": "g-1", "signatures": [{"doc_id": "g-1-0", "signature_value": "Y2jhu68ga8O9"}]}
    with model.fault("/status", lambda *_: told(code, "SUCCESS", made, http=200)):
        answer = service.collect(request, "t-1")
    service.close()
    assert answer == RemoteSigned((base64.b64decode("Y2jhu68ga8O9"),))


STRANGE_SIGNATURES: dict[str, list[dict[str, str]]] = {
    "none": [],
    "for another document": [{"doc_id": "g-2-0", "signature_value": "Y2jhu68ga8O9"}],
    "one too many": [{"doc_id": f"g-1-{number}", "signature_value": "Y2jhu68ga8O9"} for number in (0, 1)],
    "empty": [{"doc_id": "g-1-0", "signature_value": ""}],
    "not base64": [{"doc_id": "g-1-0", "signature_value": "chữ ký"}],
}


@pytest.mark.parametrize("strange", STRANGE_SIGNATURES)
def test_strange_signatures_are_not_taken(model: Model, strange: str) -> None:
    service = Gateway.from_settings(options(model))
    request = RemoteRequest("g-1", model.key("customer"), "rsa-sha256", b"", (bytes(32),), "Hợp đồng", bytes)
    made = {"transaction_id": "g-1", "signatures": STRANGE_SIGNATURES[strange]}
    with (
        model.fault("/status", lambda *_: told(200, "SUCCESS", made)),
        pytest.raises(AdapterAnswerInvalid) as invalid,
    ):
        service.collect(request, "t-1")
    service.close()
    said(invalid.value)


def test_a_key_of_a_kind_nobody_knows_leaves_the_others(give: Give, model: Model) -> None:
    """The curve it names does not exist."""
    branch = give()
    document = agreed(branch)
    signer = model.signers["director-ec"]
    curve, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
    model.signers["director-ec"] = replace(signer, certificate=signer.certificate.replace(curve, unknown))
    found = remote_signing.offers(branch.office, branch.clerk, document.id)
    assert ([one.credential for one in found.keys], found.failed) == ([model.key("director")], ())
