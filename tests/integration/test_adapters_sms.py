"""The Kannel client against the practice gateway over HTTP on loopback."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.practice.server import background
from adapters.sms import ADAPTER
from adapters.sms.inbox import inbox, settings
from adapters.sms.kannel import KannelSms
from kernel.api.errors import AdapterAnswerInvalid, AdapterMisconfigured, AdapterRefused, AdapterUnavailable
from kernel.api.ports import Delivery, Receipt, ShortMessage

TEXT = "012345 la ma OTP xac nhan Hop dong mua ban dien so 26/000123"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with background(inbox(tmp_path / "sms.db")) as address:
        yield address


@pytest.fixture
def sms(url: str) -> Iterator[KannelSms]:
    with closing(KannelSms.from_settings({**settings(url), "timeout": 5})) as client:
        yield client


def message(number: int, text: str = TEXT) -> ShortMessage:
    return ShortMessage(f"tin-{number}", f"+849000000{number:02d}", text)


def received(url: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = httpx.get(f"{url}/inbox.json", trust_env=False).json()
    return found


def arm(url: str, mode: str) -> None:
    wish = {"mode": mode, "times": 1, "seconds": 60}
    httpx.post(f"{url}/_practice/fault", json=wish, trust_env=False).raise_for_status()


def test_a_message_arrives_as_written(sms: KannelSms, url: str) -> None:
    words = "Đỗ Thị Ữ: 100% + 1 & <b>đậm</b> #?=\n“Ệ”"
    receipt = sms.send(message(1, words))
    assert receipt.delivery is Delivery.ACCEPTED
    assert receipt.gateway_id
    (one,) = received(url)
    assert (one["id"], one["phone"], one["text"], one["times"]) == ("tin-1", "+84900000001", words, 1)
    assert sms.find("tin-1") == Receipt(receipt.gateway_id, Delivery.DELIVERED)
    assert sms.find("tin-2") is None


def test_the_page_shows_customer_text_as_text(sms: KannelSms, url: str) -> None:
    sms.send(message(1, "<script>alert('Ữ')</script> {{ 7*7 }}"))
    sms.send(message(1, "<script>alert('Ữ')</script> {{ 7*7 }}"))
    page = httpx.get(url, trust_env=False)
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(&#39;Ữ&#39;)" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "Gửi lặp 2 lần" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_templates_go_through_the_port(sms: KannelSms) -> None:
    facts = {"branch": "Điện lực X", "reason": "thiếu giấy", "request": "GC1", "hotline": "19001288"}
    assert sms.compose("obstacle", facts).startswith("Dien luc X: yeu cau GC1 tam dung vi thieu giay.")


@pytest.mark.parametrize(("mode", "arrived"), [("down", False), ("half", True), ("slow", True)])
def test_a_broken_line_is_unknown_until_the_gateway_is_asked(url: str, mode: str, arrived: bool) -> None:
    arm(url, mode)
    with closing(KannelSms.from_settings({**settings(url), "timeout": 0.5})) as sms:
        assert sms.send(message(1)).delivery is Delivery.UNKNOWN
        found = sms.find("tin-1")
    assert (found is not None) is arrived
    assert len(received(url)) == int(arrived)


def test_a_login_page_and_a_refusal_are_told(sms: KannelSms, url: str) -> None:
    arm(url, "html")
    with pytest.raises(AdapterAnswerInvalid, match="Đăng nhập"):
        sms.send(message(1))
    arm(url, "refuse")
    with pytest.raises(AdapterRefused, match="Authorization failed for sendsms"):
        sms.send(message(1))
    assert received(url) == []


def test_wrong_password_is_refused(url: str) -> None:
    with closing(KannelSms.from_settings({**settings(url), "password": "sai"})) as sms, pytest.raises(AdapterRefused):
        sms.send(message(1))


def test_nobody_listening_is_unavailable_and_certainly_unsent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(KannelSms.from_settings(settings(f"http://127.0.0.1:{port}"))) as sms:
        with pytest.raises(AdapterUnavailable):
            sms.send(message(1))
        with pytest.raises(AdapterUnavailable):
            sms.find("tin-1")


@pytest.mark.parametrize("bad", [ShortMessage("a", "0900000001", TEXT), message(1, ""), message(1, "Ữ" * 269)])
def test_what_no_gateway_takes_never_leaves(sms: KannelSms, url: str, bad: ShortMessage) -> None:
    with pytest.raises(AdapterRefused):
        sms.send(bad)
    assert received(url) == []


def test_the_inbox_outlives_a_restart(tmp_path: Path) -> None:
    for times in (1, 2):
        with background(inbox(tmp_path / "sms.db")) as url, closing(KannelSms.from_settings(settings(url))) as sms:
            sms.send(message(1))
            assert [one["times"] for one in received(url)] == [times]


def test_nothing_secret_is_logged(sms: KannelSms, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        sms.send(message(1))
    assert "thuchanh" not in caplog.text
    assert "012345" not in caplog.text


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (202, "0: Accepted for delivery", Delivery.ACCEPTED),
        (202, "3: Queued for later delivery", Delivery.ACCEPTED),
        (202, "9: Something else", AdapterAnswerInvalid),
        (200, "Sent.", AdapterAnswerInvalid),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", AdapterRefused),
        (403, "Authorization failed for sendsms", AdapterRefused),
        (404, "Unknown request.", AdapterRefused),
        (500, "Internal error", AdapterUnavailable),
        (503, "Temporal failure, try again later.", AdapterUnavailable),
    ],
)
def test_kannels_answers(status: int, body: str, outcome: object) -> None:
    asked: list[dict[str, str]] = []

    async def kannel(request: Request) -> Response:
        asked.append(dict(request.query_params))
        return PlainTextResponse(body, status_code=status)

    with background(Starlette(routes=[Route("/cgi-bin/sendsms", kannel)])) as url:
        options = {**settings(url), "dlr_url": "http://quay.example/dlr/{id}?s=%d"}
        with closing(KannelSms.from_settings(options)) as sms:
            if isinstance(outcome, Delivery):
                assert sms.send(message(1)) == Receipt("", outcome, body)
            else:
                with pytest.raises(outcome):  # type: ignore[call-overload]  # an error class by the table above
                    sms.send(message(1))
    assert asked == [
        {
            "username": "thuchanh",
            "password": "thuchanh",
            "from": "QUAYDIEN",
            "to": "+84900000001",
            "text": TEXT,
            "charset": "UTF-8",
            "coding": "0",
            "mid": "tin-1",
            "dlr-mask": "31",
            "dlr-url": "http://quay.example/dlr/tin-1?s=%d",
        }
    ]


def test_a_gateway_that_keeps_no_messages_cannot_be_asked() -> None:
    options = {name: value for name, value in settings("http://kannel.example").items() if name != "status_url"}
    with closing(KannelSms.from_settings(options)) as sms, pytest.raises(AdapterRefused, match="status_url"):
        sms.find("tin-1")


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("url", ""),
        ("from", "TEN THUONG HIEU DAI"),
        ("from", "ĐIỆN LỰC"),
        ("username", 5),
        ("marks", "có"),
        ("status_url", "http://kannel.example/status"),
    ],
)
def test_wrong_settings_name_the_entry(entry: str, value: object) -> None:
    with pytest.raises(AdapterMisconfigured) as caught:
        ADAPTER.connect({**settings("http://kannel.example"), entry: value})
    assert entry in caught.value.diagnosis("vi").cause
