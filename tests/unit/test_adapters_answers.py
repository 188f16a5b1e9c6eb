from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cmis import endpoints
from adapters.cmis.answers import cell, judge, parsed, rows
from adapters.cmis.records import day
from adapters.masking import excerpt, masked, words
from kernel.api.errors import AdapterAnswerInvalid, AdapterError, AdapterRefused

WRITE = endpoints.ADD_PROGRESS


def read_cell(text: str) -> str:
    (row,) = rows(endpoints.FILES, parsed(endpoints.FILES, f'{{"HSO_GTO": [{{"X": {text}}}]}}'.encode()), "HSO_GTO")
    return row["X"]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("null", ""),
        ("3", "3"),
        ("3.50", "3.5"),
        ("3.0", "3"),
        ("100", "100"),
        ("1E+2", "100"),
        ("0.1", "0.1"),
        ("12345678901234567890", "12345678901234567890"),
        ("1e999999", "1E+999999"),
        ("true", "1"),
        ("false", "0"),
        ('"  0018 "', "0018"),
        ('"0018"', "0018"),
    ],
)
def test_numbers_and_nulls_become_text_as_written(written: str, text: str) -> None:
    assert read_cell(written) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1/2/2026", "01/02/2026"),
        ("01/02/2026 13:45:00", "01/02/2026"),
        ("", ""),
        ("2026-02-01", "2026-02-01"),
    ],
)
def test_dates_lose_the_time_of_day_and_strange_ones_stay_for_the_clerk(written: str, text: str) -> None:
    answer = parsed(endpoints.FILES, json.dumps({"HSO_GTO": [{"ngay_hen": written}]}).encode())
    assert rows(endpoints.FILES, answer, "HSO_GTO") == [{"NGAY_HEN": text}]


def test_text_comes_in_composed() -> None:
    assert read_cell(json.dumps(unicodedata.normalize("NFD", "Đỗ Thị Ữ, Ệ"))) == "Đỗ Thị Ữ, Ệ"


@given(st.text())
def test_every_text_cell_is_nfc(text: str) -> None:
    found = cell(text)
    assert found is not None
    assert unicodedata.is_normalized("NFC", found)


@pytest.mark.parametrize("table", [None, []])
def test_null_is_an_empty_table(table: Any) -> None:
    assert rows(endpoints.FILES, {"HSO_GTO": table}, "HSO_GTO") == []


def test_one_object_is_a_table_of_one_row() -> None:
    assert rows(endpoints.FILES, {"HSO_GTO": {"A": "1"}}, "HSO_GTO") == [{"A": "1"}]


@pytest.mark.parametrize("table", ["x", 3, ["x"], [{"A": {"B": 1}}], [{"A": ["1"]}]])
def test_what_is_no_table_is_told(table: Any) -> None:
    with pytest.raises(AdapterAnswerInvalid, match="HSO_GTO"):
        rows(endpoints.FILES, {"HSO_GTO": table}, "HSO_GTO")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><title>\xc4\x90\xc4\x83ng nh\xe1\xba\xadp</title></html>",
        b'{"TYPE": "OK"',
        b"[1, 2]",
        b'"OK"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"A": 1e' + b"9" * 30 + b"}",
    ],
)
def test_anything_but_a_json_object_is_an_invalid_answer(content: bytes) -> None:
    with pytest.raises(AdapterAnswerInvalid):
        parsed(WRITE, content)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert parsed(WRITE, b'\xef\xbb\xbf{"TYPE": "OK"}') == {"TYPE": "OK"}


@pytest.mark.parametrize(
    ("endpoint", "answer"),
    [
        (WRITE, {"TYPE": "OK", "MESSAGE": "OK"}),
        (WRITE, {"TYPE": "ok", "MESSAGE": " ok "}),
        (endpoints.UPLOAD, {"TYPE": "SUCCESS", "MESSAGE": "Cập nhật hồ sơ thành công"}),
        (endpoints.FILES, {"HSO_GTO": []}),
        (endpoints.FILES, {"TYPE": "OK", "HSO_GTO": None}),
    ],
)
def test_success_is_judged_for_each_endpoint(endpoint: endpoints.Endpoint, answer: dict[str, Any]) -> None:
    judge(endpoint, answer)


@pytest.mark.parametrize(
    ("endpoint", "answer", "error", "words_of_it"),
    [
        (WRITE, {"TYPE": "ERROR", "MESSAGE": "Yêu cầu đã kết thúc."}, AdapterRefused, "Yêu cầu đã kết thúc"),
        (WRITE, {"TYPE": "OK", "MESSAGE": "Lỗi ORA-00001"}, AdapterRefused, "Lỗi ORA-00001"),
        (WRITE, {"TYPE": "SUCCESS", "MESSAGE": "OK"}, AdapterAnswerInvalid, "SUCCESS"),
        (endpoints.UPLOAD, {"TYPE": "OK", "MESSAGE": "OK"}, AdapterAnswerInvalid, "TYPE OK"),
        (WRITE, {"TYPE": "CÓ LẼ"}, AdapterAnswerInvalid, "CÓ LẼ"),
        (WRITE, {"MESSAGE": "OK"}, AdapterAnswerInvalid, "no TYPE"),
        (WRITE, {}, AdapterAnswerInvalid, "no TYPE"),
        (WRITE, {"TYPE": 1, "MESSAGE": "OK"}, AdapterAnswerInvalid, "no TYPE"),
        (endpoints.FILES, {"TYPE": "FAIL", "MESSAGE": None}, AdapterRefused, "FAIL"),
        (endpoints.FILES, {"TYPE": "OK"}, AdapterAnswerInvalid, "HSO_GTO"),
    ],
)
def test_a_no_is_refused_in_cmis_words_and_nonsense_is_invalid(
    endpoint: endpoints.Endpoint, answer: dict[str, Any], error: type[AdapterError], words_of_it: str
) -> None:
    with pytest.raises(error) as caught:
        judge(endpoint, answer)
    assert words_of_it in caught.value.diagnosis("vi").cause
    assert words_of_it in caught.value.diagnosis("en").cause


def test_days_are_vietnamese_days() -> None:
    assert day(datetime(2026, 11, 23, 17, 30, tzinfo=UTC)) == "24/11/2026"
    assert day(None) == ""


def test_an_excerpt_gives_no_customer_away() -> None:
    text = '{"TEN_KHANG": "Nguyễn Thị Ữ", "SO_CMT": "001192000001", "EMAIL": "a@b.vn" <b>0900000001</b>'
    shown = excerpt(text, 500)
    for secret in ("Nguyễn", "001192000001", "a@b.vn", "0900000001", "<b>"):
        assert secret not in shown
    assert "TEN_KHANG" in shown


def test_personal_columns_and_keys_are_masked_at_every_depth() -> None:
    kept = masked(
        {
            "AccessKey": "bí mật",
            "FILE_VALUE": "JVBERi0=",
            "MA_DVIQLY": "PD0500",
            "DV_TIEN_TNHAN": [{"TEN_KHANG": "Trần Văn Được", "DTHOAI_DVU": "0900000002", "SO_PHA": 1, "EMAIL": None}],
            "MESSAGE": "CCCD 001090000001 đã có",
        }
    )
    assert kept == {
        "AccessKey": "***",
        "FILE_VALUE": "***",
        "MA_DVIQLY": "PD0500",
        "DV_TIEN_TNHAN": [{"TEN_KHANG": "***", "DTHOAI_DVU": "***", "SO_PHA": 1, "EMAIL": None}],
        "MESSAGE": "CCCD … đã có",
    }


@given(st.text(), st.integers(1, 50))
def test_words_are_one_short_printable_line(text: str, length: int) -> None:
    line = words(text, length)
    assert len(line) <= length
    assert line.isprintable()
