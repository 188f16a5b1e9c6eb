"""A CMIS that answers what nobody agreed on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.cmis.client import CmisClient
from adapters.practice.server import background
from kernel.api.errors import AdapterAnswerInvalid, AdapterError, AdapterRefused, AdapterUnavailable

UNIT = "PD0500"
TABLES = dict.fromkeys(
    ("bangDvYeuCau", "bangDvTienTrinh", "bangDvTienTnhan", "bangCdDoDdien", "bangCdBkeCsuatTbi", "bangCdGtoHdchung",
     "bangCdHoDchung", "bangCdKhangLienhe")
)  # fmt: skip
Answer = Callable[..., CmisClient]


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Return a maker of clients whose CMIS answers every call with the given response."""
    given: list[Response] = []

    async def always(request: Request) -> Response:
        return given[-1]

    app = Starlette(routes=[Route("/{path:path}", always, methods=["GET", "POST"])])
    with background(app) as url, closing(CmisClient.from_settings({"base_url": url, "timeout": 5})) as client:

        def make(body: object, status: int = 200, **headers: str) -> CmisClient:
            content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            given.append(Response(content, status_code=status, headers=headers))
            return client

        yield make


@pytest.mark.parametrize(
    ("body", "status", "headers", "error", "said"),
    [
        (b"<html><title>\xc4\x90\xc4\x83ng nh\xe1\xba\xadp</title>", 200, {}, AdapterAnswerInvalid, "Đăng nhập"),
        (
            b"",
            302,
            {"location": "https://sso.evn.example/login?u=0900000001"},
            AdapterAnswerInvalid,
            "sso.evn.example/login",
        ),
        (b"", 200, {}, AdapterAnswerInvalid, "not JSON"),
        (b"", 503, {}, AdapterUnavailable, "HTTP 503"),
        (b"", 429, {}, AdapterUnavailable, "HTTP 429"),
        (b"", 401, {}, AdapterRefused, "HTTP 401"),
        (b"<h1>Error 404--Not Found</h1>", 404, {}, AdapterAnswerInvalid, "Not Found"),
        (b"<h1>500</h1> java.lang.NullPointerException", 500, {}, AdapterAnswerInvalid, "NullPointerException"),
        ({"TYPE": "ERROR", "MESSAGE": "Mã {0} sai"}, 500, {}, AdapterRefused, "Mã {0} sai"),
        ({**TABLES, "TYPE": "XONG"}, 200, {}, AdapterAnswerInvalid, "XONG"),
        ({k: v for k, v in TABLES.items() if k != "bangCdDoDdien"}, 200, {}, AdapterAnswerInvalid, "bangCdDoDdien"),
        ({**TABLES, "bangDvYeuCau": "không"}, 200, {}, AdapterAnswerInvalid, "bangDvYeuCau"),
        ({**TABLES, "bangDvYeuCau": [{"TEN_KHANG": "A"}]}, 200, {}, AdapterAnswerInvalid, "MA_YCAU_KNAI"),
    ],
)
def test_a_strange_answer_is_told_and_not_taken(
    answering: Answer, body: object, status: int, headers: dict[str, str], error: type[AdapterError], said: str
) -> None:
    client = answering(body, status, **headers)
    with pytest.raises(error) as caught:
        client.received_requests(UNIT)
    cause = caught.value.diagnosis("vi").cause
    assert said in cause
    assert "0900000001" not in cause


def test_null_tables_are_empty_tables(answering: Answer) -> None:
    assert answering(TABLES).received_requests(UNIT) == []
    with pytest.raises(AdapterRefused, match="GC1"):
        answering(TABLES).request(UNIT, "GC1")


def test_rows_of_one_request_need_not_repeat_its_code(answering: Answer) -> None:
    head = {"MA_YCAU_KNAI": "GC1", "NGAY_HEN": "1/2/2026 08:00"}
    found = answering({**TABLES, "bangDvYeuCau": head, "bangCdDoDdien": [{"SO_PHA": 1}]}).request(UNIT, "GC1")
    assert found.rows["DV_YEU_CAU"] == [{"MA_YCAU_KNAI": "GC1", "NGAY_HEN": "01/02/2026"}]
    assert found.rows["CD_DDO_DDIEN"] == [{"SO_PHA": "1"}]


def test_a_registration_whose_answer_hides_the_code_is_found_by_its_id(answering: Answer) -> None:
    rows = [{"MA_YCAU_KNAI": "GC7", "TECH_ID": "yc-7"}]
    # this CMIS answers every call alike: first as the registration, then as the list of requests
    client = answering({"TYPE": "OK", "MESSAGE": "OK", **TABLES, "bangDvYeuCau": rows})
    assert client.open_request(UNIT, {}, "yc-7") == "GC7"
    with pytest.raises(AdapterAnswerInvalid, match="MA_YCAU_KNAI"):
        client.open_request(UNIT, {}, "yc-8")


def test_two_meters_of_one_number_are_not_guessed(answering: Answer) -> None:
    rows = [{"SO_TBI": "0018", "MA_CTO": "58020250018"}, {"SO_TBI": "0018", "MA_CTO": "5A120250018"}]
    with pytest.raises(AdapterRefused, match="5A120250018"):
        answering({"TYPE": "SUCCESS", "LST_TBI": rows}).meter(UNIT, "0018")


def test_a_file_that_is_no_pdf_is_not_taken(answering: Answer) -> None:
    client = answering({"HSO_GTO": [{"MA_HSGT": "HDSH"}], "TYPE": "OK"})
    with pytest.raises(AdapterAnswerInvalid, match="not a PDF"):
        client.file(UNIT, "GC1", "HDSH")
