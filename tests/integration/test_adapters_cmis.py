"""The CMIS client against the simulator over HTTP on loopback."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from adapters.cmis import ADAPTER
from adapters.cmis.client import CmisClient, Exchange
from adapters.cmis.simulator import simulator
from adapters.practice.server import background, serve
from kernel.api.errors import (
    AdapterAnswerInvalid,
    AdapterError,
    AdapterMisconfigured,
    AdapterRefused,
    AdapterUnavailable,
)
from kernel.api.ports import CmisFile, CmisProgress, CustomerQuery
from tests.said import said

UNIT = "PD0500"
PDF = b"%PDF-1.7\n% \xe1\xbb\xae\n%%EOF\n"
WALK_IN = {
    "DV_TIEN_TNHAN": [{"TEN_KHANG": "Đỗ Thị Ữ", "MA_LOAI_YCAU": "CDHA_D", "DTHOAI": "0900000090"}],
    "DV_YEU_CAU": [{"TEN_KHANG": "Đỗ Thị Ữ", "MA_LOAI_YCAU": "CDHA_D"}],
    "CD_DDO_DDIEN": [{"CONG_SUAT": "3.5", "SO_PHA": "1"}],
    "CD_KHANG_LIENHE": [{"TEN_KH_LHE": "Đỗ Thị Ữ", "STTU_UTIEN": "0"}],
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "cmis.db"


@pytest.fixture
def url(state: Path) -> Iterator[str]:
    with background(simulator(state, today=lambda: date(2026, 11, 24))) as address:
        yield address


def connect(url: str, timeout: float = 5) -> CmisClient:
    return CmisClient.from_settings({"base_url": url, "timeout": timeout, "access_key": "khóa", "secret_key": "mật"})


@pytest.fixture
def cmis(url: str) -> Iterator[CmisClient]:
    with closing(connect(url)) as client:
        yield client


def seen(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/_practice/state", trust_env=False).json()
    return found


def arm(url: str, mode: str, path: str = "", times: int = 1) -> None:
    wish = {"mode": mode, "times": times, "path": path, "seconds": 60}
    httpx.post(f"{url}/_practice/fault", json=wish, trust_env=False).raise_for_status()


def progress(code: str, sequence: int = 2, *, next_step: str = "PK") -> CmisProgress:
    began = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    return CmisProgress(
        UNIT,
        code,
        "PD05000131265001",
        "TN",
        next_step,
        "GDV01",
        "TP01",
        "Tiếp nhận đủ giấy tờ",
        began,
        began,
        None,
        sequence,
    )


def test_all_received_requests_come_with_their_own_rows(cmis: CmisClient) -> None:
    requests = cmis.received_requests(UNIT)
    assert len(requests) == 7
    assert len({request.code for request in requests}) == 7
    names = [request.rows["DV_TIEN_TNHAN"][0]["TEN_KHANG"] for request in requests]
    assert names[:3] == ["Nguyễn Thị Lấp Lánh Ánh", "Trần Văn Được", "Đỗ Thị Ữ"]
    for request in requests:
        assert request.unit == UNIT
        assert all(row["MA_YCAU_KNAI"] == request.code for rows in request.rows.values() for row in rows)
        (head,) = request.rows["DV_TIEN_TNHAN"]
        (point,) = request.rows["CD_DDO_DDIEN"]
        assert head["MA_LOAI_YCAU"] == "CDHA_D"
        assert head["MDICH_SHOAT"] == "1"
        assert point["MA_DDO_DDIEN"] == head["MA_KHANG"] + "001"
        assert len(head["MA_KHANG"]) == 13
        assert datetime.strptime(head["NGAY_HEN"], "%d/%m/%Y") > datetime.strptime(head["NGAY_TNHAN"], "%d/%m/%Y")
        texts = [value for rows in request.rows.values() for row in rows for value in row.values()]
        assert all(isinstance(text, str) and unicodedata.is_normalized("NFC", text) for text in texts)
    assert requests[0].rows["CD_DDO_DDIEN"][0]["CONG_SUAT"] == "3.5"
    assert requests[0].rows["DV_TIEN_TNHAN"][0]["MST"] == ""
    assert [row["TEN_HO"] for row in requests[5].rows["CD_HO_DCHUNG"]] == ["Phan Thị Ưng", "Phan Đăng Quỹ"]


def test_the_simulator_really_sends_decomposed_text(url: str) -> None:
    answer = httpx.post(
        f"{url}/ServiceInterface-Interface-context-root/resources/serviceInterface/layTiepNhanYeuCauDaTN",
        json={"MA_DVIQLY": UNIT, "MA_YCAU_KNAI": "-1"},
        trust_env=False,
    )
    assert unicodedata.normalize("NFD", "Đỗ Thị Ữ") in answer.text


def test_one_request_and_an_unknown_one(cmis: CmisClient) -> None:
    known = cmis.received_requests(UNIT)[2]
    assert cmis.request(UNIT, known.code) == known
    with pytest.raises(AdapterRefused) as caught:
        cmis.request(UNIT, "GC0")
    assert "Không tìm thấy yêu cầu GC0" in caught.value.diagnosis("vi").cause


def test_a_walk_in_gets_cmis_numbers_once(cmis: CmisClient, url: str) -> None:
    code = cmis.open_request(UNIT, WALK_IN, "yc-1")
    assert cmis.open_request(UNIT, WALK_IN, "yc-1") == code
    assert cmis.open_request(UNIT, WALK_IN, "yc-2") != code
    assert [request["tech_id"] for request in seen(url)["requests"]][7:] == ["yc-1", "yc-2"]
    (head,) = cmis.request(UNIT, code).rows["DV_TIEN_TNHAN"]
    assert head["TEN_KHANG"] == "Đỗ Thị Ữ"
    assert head["NGAY_TNHAN"] == "24/11/2026"
    assert head["NGAY_HEN"] == "01/12/2026"
    assert head["MA_KHANG"].startswith(UNIT)


def test_what_the_customer_typed_decomposed_goes_out_composed(cmis: CmisClient, url: str) -> None:
    rows = {**WALK_IN, "DV_TIEN_TNHAN": [{"TEN_KHANG": unicodedata.normalize("NFD", "Quách Thị Ệ")}]}
    code = cmis.open_request(UNIT, rows, "yc-nfd")
    with_all = httpx.post(
        f"{url}/ServiceInterface-Interface-context-root/resources/serviceInterface/layTiepNhanYeuCauDaTN",
        json={"MA_DVIQLY": UNIT, "MA_YCAU_KNAI": code},
        trust_env=False,
    )
    assert "Quách Thị Ệ" in with_all.text


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "TEN_KHANG"),
        ({"DV_TIEN_TNHAN": [{"TEN_KHANG": "A", "NGAY_YCAU": "2026-11-24"}]}, "NGAY_YCAU phải có dạng dd/MM/yyyy"),
        ({"DV_TIEN_TNHAN": [{"TEN_KHANG": "A", "NGAY_YCAU": "31/02/2026"}]}, "NGAY_YCAU"),
    ],
)
def test_a_registration_cmis_does_not_like_is_refused_in_its_words(
    cmis: CmisClient, rows: dict[str, list[dict[str, str]]], words: str
) -> None:
    with pytest.raises(AdapterRefused, match=words):
        cmis.open_request(UNIT, rows, "yc-3")


def test_progress_is_added_once_and_the_last_step_ends_the_request(cmis: CmisClient, url: str) -> None:
    code = cmis.received_requests(UNIT)[0].code
    cmis.add_progress(progress(code))
    cmis.add_progress(progress(code))
    (row,) = cmis.progress(UNIT, code)
    assert row["NGAY_BDAU"] == "24/11/2026"
    assert row["NDUNG_XLY"] == "Tiếp nhận đủ giấy tờ"
    assert row["NGAY_HEN"] == ""
    cmis.add_progress(progress(code, 3, next_step=""))
    assert [row["STT"] for row in cmis.progress(UNIT, code)] == ["2", "3"]
    assert code not in {request.code for request in cmis.received_requests(UNIT)}
    assert cmis.request(UNIT, code).code == code
    assert len(seen(url)["progress"]) == 2


def test_a_file_is_sent_once_and_a_new_version_replaces_it(cmis: CmisClient, url: str) -> None:
    code = cmis.received_requests(UNIT)[0].code
    assert cmis.files(UNIT, code) == []
    assert cmis.file(UNIT, code, "HDSH") is None
    cmis.upload_file(UNIT, code, "HDSH", PDF)
    cmis.upload_file(UNIT, code, "HDSH", PDF)
    cmis.upload_file(UNIT, code, "HDSH", PDF + b"%2")
    assert cmis.files(UNIT, code) == [CmisFile("HDSH", f"HDSH_{code}.pdf")]
    assert cmis.file(UNIT, code, "HDSH") == PDF + b"%2"
    uploads = seen(url)["uploads"]
    assert [(upload["request"], upload["type"], upload["times"]) for upload in uploads] == [(code, "HDSH", 1)] * 2
    assert uploads[0]["sha256"] == hashlib.sha256(PDF).hexdigest()
    with pytest.raises(AdapterRefused, match="PDF"):
        cmis.upload_file(UNIT, code, "BBAN_TTHAO", b"<html>")


def test_contract_numbers_are_cmis_to_give(cmis: CmisClient) -> None:
    first, second = (request.code for request in cmis.received_requests(UNIT)[:2])
    number = cmis.new_contract_number(UNIT, first)
    assert number == "26/000123"
    assert cmis.new_contract_number(UNIT, first) == number
    assert cmis.new_contract_number(UNIT, second) != number
    assert {row["MA_HDONG"] for row in cmis.request(UNIT, first).rows["CD_KHANG_LIENHE"]} == {number}


def test_who_may_sign_is_a_look_up(cmis: CmisClient) -> None:
    valid, ended = cmis.authorisations(UNIT, "HDSH")
    assert (valid.name, valid.title, valid.number, valid.valid_to) == ("Phạm Quang Đức", "Giám đốc", "118/UQ-EVNTH", "")
    assert ended.valid_to == "31/12/2024"
    assert cmis.authorisations(UNIT, "BBAN_TTHAO") == []
    assert cmis.authorisations("PD0600", "HDSH") == []


def test_a_customers_master_records_come_with_all_their_versions(cmis: CmisClient) -> None:
    found = cmis.customer(UNIT, "PD05000200003")
    assert [row["TEN_KHANG"] for row in found["HDG_KHACH_HANG"]] == [
        "Công ty TNHH Cơ khí Thử Nghiệm (cũ)",
        "Công ty TNHH Cơ khí Thử Nghiệm",
    ]
    assert found["HDG_DIEM_DO"][0]["CSUAT"] == "85"
    assert found["HSO_TBI"][0]["P"] == "88120.5"
    assert found["TTIEN_CNO"] == []
    assert cmis.customer(UNIT, "PD05000200004")["TTIEN_CNO"][0]["SO_TIEN"] == "1250000"
    composed = cmis.customer(UNIT, "PD05000200002")["HDG_HO_DCHUNG"]
    assert [row["TEN_HO"] for row in composed] == ["Đoàn Văn Ữ", "Lê Thị Được", "Phạm Hữu Ệ"], "sent decomposed"
    for unit, code in ((UNIT, "PD05000299999"), ("PE0500", "PD05000200003")):
        with pytest.raises(AdapterRefused) as unknown:
            cmis.customer(unit, code)
        assert code in said(unknown.value)


def test_customers_are_found_by_what_is_asked_of_them(cmis: CmisClient) -> None:
    def codes(**conditions: Any) -> list[str]:
        found = cmis.find_customers(UNIT, CustomerQuery(**conditions))
        assert all(row["TEN_KHANG"] and row["MA_HDONG"] for row in found)
        return [row["MA_KHANG"][-1] for row in found]

    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    assert codes() == ["1", "2", "3", "4", "5"]
    assert codes(book="D05A012") == ["1", "2"]
    assert codes(ends_by=today + timedelta(days=60)) == ["3", "4"]
    assert codes(ends_by=today + timedelta(days=30)) == ["4"]
    assert codes(verified_by=today - timedelta(days=1600)) == ["1", "5"]
    assert codes(book="D05A013", verified_by=today - timedelta(days=1600)) == ["5"]
    assert cmis.find_customers("PE0500", CustomerQuery()) == []


def test_only_meters_in_the_store_of_the_unit_are_found(cmis: CmisClient) -> None:
    meter = cmis.meter(UNIT, "0018123456")
    assert meter is not None
    assert (meter["SO_CT"], meter["MA_CTO"], meter["P"]) == ("0018123456", "58020250018123456", "0.3")
    assert cmis.meter(UNIT, "18123456") is None
    assert cmis.meter("PD0600", "0018123456") is None


FAULTS = [
    ("down", AdapterUnavailable),
    ("half", AdapterUnavailable),
    ("html", AdapterAnswerInvalid),
    ("refuse", AdapterRefused),
]


@pytest.mark.parametrize(("mode", "error"), FAULTS)
def test_every_failure_has_its_error_and_the_next_call_works(
    cmis: CmisClient, url: str, mode: str, error: type[AdapterError]
) -> None:
    arm(url, mode)
    with pytest.raises(error) as caught:
        cmis.received_requests(UNIT)
    for language in ("vi", "en"):
        found = caught.value.diagnosis(language)
        assert "CMIS" in found.title
        assert found.cause
        assert found.advice
    assert cmis.received_requests(UNIT)


def test_a_slow_cmis_is_unavailable_and_did_its_work(url: str) -> None:
    arm(url, "slow", "themMoiTiepNhanYeuCau")
    with closing(connect(url, timeout=0.3)) as cmis, pytest.raises(AdapterUnavailable, match="Timeout"):
        cmis.open_request(UNIT, WALK_IN, "yc-cham")
    with closing(connect(url)) as cmis:
        code = cmis.open_request(UNIT, WALK_IN, "yc-cham")
        assert cmis.request(UNIT, code)
    assert [r["tech_id"] for r in seen(url)["requests"]].count("yc-cham") == 1


def test_what_was_stored_before_the_line_broke_is_not_sent_again(cmis: CmisClient, url: str) -> None:
    code = cmis.received_requests(UNIT)[0].code
    arm(url, "half", "uploadHSoGTo")
    with pytest.raises(AdapterUnavailable):
        cmis.upload_file(UNIT, code, "HDSH", PDF)
    cmis.upload_file(UNIT, code, "HDSH", PDF)
    arm(url, "half", "themDvTienTrinh")
    with pytest.raises(AdapterUnavailable):
        cmis.add_progress(progress(code))
    cmis.add_progress(progress(code))
    arm(url, "half", "themMoiTiepNhanYeuCau")
    with pytest.raises(AdapterUnavailable):
        cmis.open_request(UNIT, WALK_IN, "yc-9")
    cmis.open_request(UNIT, WALK_IN, "yc-9")
    arm(url, "half", "sinhMa_HopDong")
    with pytest.raises(AdapterUnavailable):
        cmis.new_contract_number(UNIT, code)
    assert cmis.new_contract_number(UNIT, code) == "26/000123"
    kept = seen(url)
    assert [upload["times"] for upload in kept["uploads"]] == [1]
    assert len(kept["progress"]) == 1
    assert [request["tech_id"] for request in kept["requests"]].count("yc-9") == 1


def test_a_broken_line_before_the_work_loses_nothing(cmis: CmisClient, url: str) -> None:
    code = cmis.received_requests(UNIT)[0].code
    arm(url, "down", "uploadHSoGTo", times=2)
    for _ in range(2):
        with pytest.raises(AdapterUnavailable):
            cmis.upload_file(UNIT, code, "HDSH", PDF)
    assert seen(url)["uploads"] == []
    cmis.upload_file(UNIT, code, "HDSH", PDF)
    assert [upload["times"] for upload in seen(url)["uploads"]] == [1]


def test_exchanges_are_told_without_customers_or_keys(cmis: CmisClient, url: str) -> None:
    told: list[Exchange] = []
    cmis.on_exchange = told.append
    code = cmis.open_request(UNIT, WALK_IN, "yc-4")
    cmis.upload_file(UNIT, code, "HDSH", PDF)
    arm(url, "down")
    with pytest.raises(AdapterUnavailable):
        cmis.files(UNIT, code)
    assert [one.endpoint for one in told] == ["themMoiTiepNhanYeuCau", "getListHSGT", "uploadHSoGTo", "getListHSGT"]
    # which of the two depends on how far the line had come
    assert told[-1].status is None
    assert told[-1].answer in {"RemoteProtocolError", "ReadError"}
    for secret in ("Đỗ Thị Ữ", "0900000090", "khóa", "mật", "JVBERi0"):
        assert secret not in repr(told)
    assert "AccessKey" in repr(told[2].request)
    assert told[0].status == 200


def test_the_state_outlives_a_restart(state: Path) -> None:
    with background(simulator(state)) as url, closing(connect(url)) as cmis:
        code = cmis.open_request(UNIT, WALK_IN, "yc-5")
        cmis.upload_file(UNIT, code, "HDSH", PDF)
    with background(simulator(state)) as url, closing(connect(url)) as cmis:
        assert cmis.open_request(UNIT, WALK_IN, "yc-5") == code
        assert cmis.file(UNIT, code, "HDSH") == PDF
        assert len(seen(url)["requests"]) == 8


_PROGRAM = """
import sys
from pathlib import Path
from adapters.cmis.simulator import simulator
from adapters.practice.server import serve
serve(simulator(Path(sys.argv[1])), "127.0.0.1", 0, lambda port: print(port, flush=True))
"""


def start(state: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(state)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, f"http://127.0.0.1:{process.stdout.readline().strip()}"


def test_the_state_outlives_sigkill(state: Path) -> None:
    process, url = start(state)
    with process, closing(connect(url)) as cmis:
        code = cmis.open_request(UNIT, WALK_IN, "yc-6")
        cmis.add_progress(progress(code))
        process.kill()
    process, url = start(state)
    with process, closing(connect(url)) as cmis:
        assert cmis.open_request(UNIT, WALK_IN, "yc-6") == code
        assert len(cmis.progress(UNIT, code)) == 1
        process.terminate()


def test_nobody_listening_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(connect(f"http://127.0.0.1:{port}")) as cmis, pytest.raises(AdapterUnavailable) as caught:
        cmis.received_requests(UNIT)
    assert "Chưa liên lạc được với CMIS" in str(caught.value.diagnosis("vi"))


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AdapterUnavailable):
        serve(simulator, "127.0.0.1", taken.getsockname()[1], print)  # type: ignore[arg-type]  # never reached


@pytest.mark.parametrize(
    ("settings", "entry"),
    [
        ({}, "base_url"),
        ({"base_url": "cmis"}, "base_url"),
        ({"base_url": "ftp://cmis"}, "base_url"),
        ({"base_url": "http://[::1"}, "base_url"),
        ({"base_url": "http://cmis", "timeout": 0}, "timeout"),
        ({"base_url": "http://cmis", "timeout": "nhanh"}, "timeout"),
        ({"base_url": "http://cmis", "ca_file": "/không/có.pem"}, "ca_file"),
        ({"base_url": "http://cmis", "access_key": 5}, "access_key"),
    ],
)
def test_wrong_settings_name_the_entry(settings: dict[str, object], entry: str) -> None:
    with pytest.raises(AdapterMisconfigured) as caught:
        ADAPTER.connect(settings)
    assert entry in caught.value.diagnosis("vi").cause
