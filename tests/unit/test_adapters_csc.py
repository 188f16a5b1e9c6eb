"""The CSC adapter and services that answer strangely: always an adapter error, never a library's."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from adapters.remote_signing import shapes
from adapters.remote_signing.csc import CscService
from kernel.api.errors import AdapterAnswerInvalid, AdapterError, AdapterMisconfigured, AdapterRefused
from kernel.api.ports import RemoteDeclined, RemoteRequest, RemoteSigned, RemoteWaiting
from tests.said import said

if TYPE_CHECKING:
    pass

SIGNATURE = base64.b64encode(b"chu ky").decode()
INFO: dict[str, Any] = {
    "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"]},
    "cert": {"certificates": [base64.b64encode(b"ch\xfang thu").decode()]},
}
GOOD: dict[str, Any] = {
    "credentials/list": {"credentialIDs": ["k-1"]},
    "credentials/info": INFO,
    "credentials/authorize": {"SAD": "bi-mat"},
    "signatures/signHash": {"signatures": [SIGNATURE]},
}
REQUEST = RemoteRequest("r-1", "k-1", "rsa-sha256", b"", (bytes(32),), "Hợp đồng 07/2026", bytes)


def service(answers: dict[str, Any], heard: list[httpx.Request] | None = None, **options: Any) -> CscService:
    def answer(request: httpx.Request) -> httpx.Response:
        if heard is not None:
            heard.append(request)
        method = request.url.path.partition("/csc/v1/")[2] or request.url.path.partition("/csc/v2/")[2]
        told = answers.get(method or request.url.path.strip("/"))
        if isinstance(told, httpx.Response):
            return told
        return httpx.Response(200, json=told) if told is not None else httpx.Response(404, json={"error": "không có"})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return CscService(client, "http://ky.example/", options.pop("version", "v1"), **options)


def body(request: httpx.Request) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(request.content)
    return told


STRANGE: dict[str, Any] = {
    "no list": {"credentials/list": {"ids": []}},
    "a list of nothing": {"credentials/list": {"credentialIDs": None}},
    "no key": {"credentials/info": {"cert": INFO["cert"]}},
    "key of text": {"credentials/info": {**INFO, "key": "RSA"}},
    "no certificate": {"credentials/info": {**INFO, "cert": {"certificates": []}}},
    "certificate not base64": {"credentials/info": {**INFO, "cert": {"certificates": ["chứng thư"]}}},
    "array": {"credentials/list": httpx.Response(200, json=["k-1"])},
    "html": {"credentials/list": httpx.Response(200, text="<h1>Đăng nhập</h1>")},
    "redirect": {"credentials/list": httpx.Response(302, headers={"location": "http://sso.example/"})},
    "no SAD and no handle": {"credentials/authorize": {"expiresIn": 300}},
    "no signatures": {"signatures/signHash": {"signature": SIGNATURE}},
    "two signatures": {"signatures/signHash": {"signatures": [SIGNATURE, SIGNATURE]}},
    "signature not base64": {"signatures/signHash": {"signatures": ["chữ ký"]}},
    "signature of null": {"signatures/signHash": {"signatures": [None]}},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_answer_is_told_as_one(name: str) -> None:
    client = service({**GOOD, **STRANGE[name]})
    with pytest.raises(AdapterAnswerInvalid) as strange:
        client.credentials(["001192000001"])
        client.begin(REQUEST, {})
    assert "CSC" in said(strange.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("method", ["credentials/list", "credentials/authorize", "signatures/signHash"])
def test_a_refusal_in_the_services_words(method: str, status: int) -> None:
    told = {"error": "invalid_request", "error_description": "Chứng thư hết hạn"}
    client = service({**GOOD, method: httpx.Response(status, json=told)})
    with pytest.raises(AdapterRefused) as refused:
        client.credentials(["001192000001"])
        client.begin(REQUEST, {})
    assert "Chứng thư hết hạn" in said(refused.value)


def test_what_is_asked_in_the_words_of_each_version() -> None:
    heard: list[httpx.Request] = []
    first = service(GOOD, heard, token="the-vao", user_id="CMT_{identity}", client_data="QUAY-1")
    assert [one.id for one in first.credentials(["001192000001"])] == ["k-1"]
    assert first.begin(REQUEST, {"PIN": "1234"}) == RemoteSigned((b"chu ky",))
    listed, _, authorised, _, signed = (body(one) for one in heard)
    assert listed == {"userID": "CMT_001192000001", "clientData": "QUAY-1"}
    assert (authorised["hash"], authorised["numSignatures"], authorised["PIN"]) == (
        [shapes.encoded(bytes(32))],
        1,
        "1234",
    )
    assert (signed["SAD"], signed["signAlgo"]) == ("bi-mat", "1.2.840.113549.1.1.11")
    assert {one.headers["authorization"] for one in heard} == {"Bearer the-vao"}
    heard.clear()
    pss = RemoteRequest("r-2", "k-1", "pss-sha384", b"0\0", (bytes(48),), "Hợp đồng", bytes)
    info = {**INFO, "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.10"]}}
    service({**GOOD, "credentials/info": info}, heard, version="v2").begin(pss, {"PIN": "1234"})
    authorised, _, signed = (body(one) for one in heard)
    assert authorised["authData"] == [{"id": "PIN", "value": "1234"}]
    assert authorised["hashAlgorithmOID"] == signed["hashAlgorithmOID"] == "2.16.840.1.101.3.4.2.2"
    assert (signed["hashes"], signed["signAlgoParams"]) == ([shapes.encoded(bytes(48))], shapes.encoded(b"0\0"))


def test_keys_that_cannot_be_used_here() -> None:
    for change in (
        {"key": {**INFO["key"], "status": "disabled"}},
        {"cert": {**INFO["cert"], "status": "revoked"}},
        {"authMode": "oauth2code"},
    ):
        assert service({**GOOD, "credentials/info": {**INFO, **change}}).credentials(["x"]) == []
    typed = {"authMode": "explicit", "PIN": {"presence": "true"}, "OTP": {"presence": "optional"}}
    [held] = service({**GOOD, "credentials/info": {**INFO, **typed}}).credentials(["x"])
    assert (held.secrets, held.sent, held.mechanisms[0]) == (("PIN",), (), "rsa-sha256")


def test_a_code_the_service_sends() -> None:
    heard: list[httpx.Request] = []
    typed = {"authMode": "explicit", "OTP": {"presence": True, "type": "online"}}
    first = service({**GOOD, "credentials/info": {**INFO, **typed}, "credentials/sendOTP": httpx.Response(204)}, heard)
    [held] = first.credentials(["x"])
    assert (held.secrets, held.sent) == (("OTP",), ("OTP",))
    first.send_code(held.id, "OTP")
    assert body(heard[-1]) == {"credentialID": "k-1"}
    objects = [{"type": "Password", "id": "PIN"}, {"type": "ChallengeResponse", "id": "SMS"}]
    info = {**INFO, "auth": {"mode": "explicit", "objects": objects}}
    answers = {**GOOD, "credentials/info": info, "credentials/getChallenge": httpx.Response(204)}
    second = service(answers, heard, version="v2")
    [held] = second.credentials(["x"])
    assert (held.secrets, held.sent) == (("PIN", "SMS"), ("SMS",))
    second.send_code(held.id, "SMS")
    assert body(heard[-1]) == {"credentialID": "k-1", "authObjectID": "SMS"}
    with pytest.raises(AdapterRefused):
        service(GOOD).send_code("k-1", "OTP")


def test_many_people_and_pages() -> None:
    heard: list[httpx.Request] = []
    client = service(GOOD, heard, user_id="MST_{identity}")
    assert len(client.credentials(["1", "2"])) == 1  # one key, told of twice
    assert [body(one)["userID"] for one in heard[:2]] == ["MST_1", "MST_2"]
    pages = service({**GOOD, "credentials/list": {"credentialIDs": ["k-1"], "nextPageToken": "2"}}, heard)
    assert len(pages.credentials(["1"])) == 1  # a service that never ends its list is not asked for ever
    assert service({"info": {"name": "Ký  thử", "specs": "1.0.4.0"}}).about() == "Ký thử 1.0.4.0"


def test_waiting_and_declining() -> None:
    waits = service({**GOOD, "credentials/authorize": httpx.Response(202, json={"handle": "h:1"})}, version="v2")
    answer = waits.begin(REQUEST, {})
    assert answer == RemoteWaiting("authorise:h:1")
    told = {"error": "authorization_declined", "error_description": "Từ chối"}
    no = service({**GOOD, "credentials/authorizeCheck": httpx.Response(400, json=told)}, version="v2")
    assert isinstance(no.collect(REQUEST, "authorise:h:1"), RemoteDeclined)
    later = httpx.Response(400, json={"error_description": "The previous asynchronous signature request is not done"})
    slow = service({**GOOD, "signatures/signPolling": later}, version="v2")
    assert slow.collect(REQUEST, "sign:7") == RemoteWaiting("sign:7")


@pytest.mark.parametrize(("login", "path"), [("basic", "auth/login"), ("oauth2", "oauth2/token")])
def test_signing_in(login: Any, path: str) -> None:
    """Once for many questions, and once more when the service forgot us."""
    heard: list[httpx.Request] = []
    answers = {**GOOD, path: {"access_token": "the-1", "expires_in": 3600}}
    client = service(answers, heard, login=login, account=("quay", "mật khẩu"))
    client.credentials(["x"])
    client.begin(REQUEST, {})
    assert sum(path in str(one.url) for one in heard) == 1
    assert heard[-1].headers["authorization"] == "Bearer the-1"
    answers["credentials/list"] = httpx.Response(401, json={"error": "invalid_token"})
    with pytest.raises(AdapterRefused):
        client.credentials(["x"])
    assert sum(path in str(one.url) for one in heard) == 2


def test_no_line() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = CscService(httpx.Client(transport=httpx.MockTransport(down)), "http://ky.example", "v1")
    with pytest.raises(AdapterError) as away:
        client.begin(REQUEST, {})
    assert "CSC" in said(away.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"base_url": "ky.example"},
        {"base_url": "http://ky.example", "version": "v3"},
        {"base_url": "http://ky.example", "login": "sso"},
        {"base_url": "http://ky.example", "login": "basic"},
        {"base_url": "http://ky.example", "user_id": "CMT_{cccd}"},
        {"base_url": "http://ky.example", "timeout": 0},
    ],
)
def test_wrong_settings_are_named(options: dict[str, object]) -> None:
    with pytest.raises(AdapterMisconfigured) as wrong:
        CscService.from_settings(options)
    assert "signing.remote.options" in said(wrong.value)
