"""The command line as other programs see it: exit codes, JSON on stdout, words for people on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pki import contract


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
