"""The command line as other programs see it: exit codes, JSON on stdout, words for people on stderr."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel import clock
from tests.pki import NOW, agreed, contract, make_pki, prepared, sign


def quaydien(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "console", *map(str, words)],
        env={**os.environ, "QUAYDIEN_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_terminal_the_console_says_so(tmp_path: Path) -> None:
    answer = quaydien(home=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "terminal" in answer.stderr


@pytest.mark.parametrize("words", [("audit", "verify"), ("token", "list"), ("db", "status"), ("worker",)])
def test_without_an_installation_the_advice_is_to_make_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = quaydien(*words, home=tmp_path / "Chưa có")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "./run demo" in answer.stderr


def test_english_is_spoken_when_asked(tmp_path: Path) -> None:
    assert "No branch is installed" in quaydien("audit", "verify", "--lang", "en", home=tmp_path / "x").stderr


def test_plugins_are_listed_without_an_installation(tmp_path: Path) -> None:
    answer = quaydien("plugin", "list", "--json", home=tmp_path)
    assert answer.returncode == 0
    listed = {(one["kind"], one["id"]): one["state"] for one in json.loads(answer.stdout)}
    assert listed[("service", "cap_dien_ha_ap")] == "ok"
    assert listed[("document", "hop_dong_mua_ban_dien")] == "ok"
    assert set(listed.values()) == {"ok"}


@pytest.mark.parametrize("words", [("verifi",), ("verify",), ("audit",), ("verify", "không có.pdf")])
def test_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = quaydien(*words, home=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr


def test_verify_says_yes_no_and_why(tmp_path: Path) -> None:
    made = contract()
    good, changed, trust = tmp_path / "hợp đồng.pdf", tmp_path / "bị sửa.pdf", tmp_path / "gốc.pem"
    good.write_bytes(made.pdf)
    changed.write_bytes(made.pdf.replace(b"/Type/Page", b"/Type/Pagf", 1) + b"%")
    trust.write_bytes(made.pki.trust_pem())
    yes = quaydien("verify", good, "--trust", trust, "--json", home=tmp_path)
    assert yes.returncode == 0
    (report,) = json.loads(yes.stdout)
    assert (report["file"], report["verdict"], report["consent"]["matches"]) == (str(good), "HOP_LE", True)
    assert [one["field"] for one in report["signatures"]] == ["ben_ban", "dong_dau"]
    both = quaydien("verify", good, changed, "--trust", trust, "--json", home=tmp_path)
    assert both.returncode == 1
    assert [one["verdict"] for one in json.loads(both.stdout)] == ["HOP_LE", "KHONG_HOP_LE"]
    unknown = quaydien("verify", good, home=tmp_path)
    assert unknown.returncode == 1
    assert "CHƯA XÁC ĐỊNH" in unknown.stdout
    assert unknown.stdout.count("không dẫn về gốc") == 2


def test_verify_takes_pdf_files_after_trust_for_files(tmp_path: Path) -> None:
    good, trust = tmp_path / "hợp đồng.pdf", tmp_path / "gốc.pem"
    good.write_bytes(contract().pdf)
    trust.write_bytes(contract().pki.trust_pem())
    for words in (("--trust", trust, good), ("--trust", good, trust), (good, "--trust", trust, good)):
        answer = quaydien("verify", "--json", *words, home=tmp_path)
        assert answer.returncode == 0
        assert {one["file"] for one in json.loads(answer.stdout)} == {str(good)}
    folder = tmp_path / "kho tin cậy"
    folder.mkdir()
    (folder / "a.pem").write_bytes(trust.read_bytes())
    assert quaydien("verify", "--trust", folder, good, home=tmp_path).returncode == 0
    none = quaydien("verify", "--trust", trust, home=tmp_path)
    assert (none.returncode, none.stdout) == (2, "")
    assert "PDF" in none.stderr


def test_verify_tells_people_what_the_circular_asks_for(tmp_path: Path) -> None:
    good, trust = tmp_path / "hợp đồng.pdf", tmp_path / "gốc.pem"
    good.write_bytes(contract().pdf)
    trust.write_bytes(contract().pki.trust_pem())
    said = quaydien("verify", good, "--trust", trust, home=tmp_path).stdout
    for words in (
        "Trần Văn Ữ",
        "CCCD:001090000002",
        "CA cấp phát thực hành",
        str(len(prepared())),
        hashlib.sha256(prepared()).hexdigest(),
        "24/11/2026 09:01:00 +07:00",
        f"{clock.shown(NOW)} (giờ máy",
    ):
        assert words in said
    unknown = quaydien("verify", good, home=tmp_path).stdout
    reasons = [line for line in unknown.splitlines() if line.lstrip().startswith("!")]
    assert reasons
    assert not any("path" in line or "validation" in line for line in reasons)
    details = [line.strip() for line in unknown.splitlines() if "path" in line]
    assert details
    assert all(line.startswith("[Chi tiết kỹ thuật") for line in details)


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    pki = make_pki()
    made = tmp_path / "a.pdf"
    made.write_bytes(sign(agreed(), "ben_ban", pki.issuing.person("Trần\x1b[2J\u202eỮ")))
    answer = quaydien("verify", made, home=tmp_path)
    assert "\x1b" not in answer.stdout
    assert "\u202e" not in answer.stdout
    assert "Trần�[2J�Ữ" in answer.stdout


def test_a_trust_file_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    trust = tmp_path / "gốc.pem"
    trust.write_text("không phải chứng thư", "utf-8")
    made = tmp_path / "a.pdf"
    made.write_bytes(contract().pdf)
    answer = quaydien("verify", made, "--trust", trust, home=tmp_path)
    assert answer.returncode == 2
    assert "gốc.pem" in answer.stderr


def test_doctor_of_nothing_says_what_to_do(tmp_path: Path) -> None:
    answer = quaydien("doctor", "--json", home=tmp_path / "Chưa có")
    assert answer.returncode == 1
    (check,) = json.loads(answer.stdout)
    assert (check["state"], "./run demo" in check["advice"]) == ("failed", True)
