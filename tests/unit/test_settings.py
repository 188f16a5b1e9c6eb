"""The settings file: what is refused, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel import settings
from kernel.errors import HomeMissing, SettingsInvalid
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[branch]
code = "PD0500"
name = "Điện lực Thực Hành"
place = "Hà Nội"
[branch.party]
ma_so_thue = "0400000011"
[cmis]
adapter = "cmis"
options = { base_url = "http://127.0.0.1:1" }
[sms]
adapter = "kannel"
"""


def write(home: Path, text: str) -> Path:
    (home / settings.FILE_NAME).write_text(text, "utf-8")
    return home


def refused(home: Path, text: str) -> str:
    with pytest.raises(SettingsInvalid) as wrong:
        settings.load(write(home, text))
    words = said(wrong.value)
    assert settings.FILE_NAME in words
    return words


def test_the_shortest_file(tmp_path: Path) -> None:
    read = settings.load(write(tmp_path, GOOD))
    assert read.branch.name == "Điện lực Thực Hành"
    assert (read.code.valid_minutes, read.code.tries, read.code.resend_seconds, read.code.sends_a_day) == (5, 5, 60, 5)
    assert read.blobs == tmp_path.resolve() / "blobs"
    assert read.language == "vi"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("sqlite:///quaydien.db", "sqlite:///{home}/quaydien.db"),
        ("sqlite:///sâu/hơn.db", "sqlite:///{home}/sâu/hơn.db"),
        ("sqlite:////var/lib/quaydien.db", "sqlite:////var/lib/quaydien.db"),
        ("postgresql+psycopg://a:b@máy/quaydien", "postgresql+psycopg://a:b@máy/quaydien"),
    ],
)
def test_a_relative_sqlite_path_is_taken_from_the_home_folder(tmp_path: Path, url: str, absolute: str) -> None:
    read = settings.load(write(tmp_path, f'{GOOD}[database]\nurl = "{url}"\n'))
    assert read.database_url == absolute.format(home=tmp_path.resolve())


@pytest.mark.parametrize(
    ("more", "where", "nearest"),
    [
        ("[databse]\nurl = 'x'", "databse", "database"),
        ("[database]\nulr = 'x'", "database.ulr", "url"),
        ("[signing]\nprefer_ps = true", "signing.prefer_ps", "prefer_pss"),
        ("[[signing.modules]]\nid='a'\npath='b'\nrescn='slots'", "signing.modules.0.rescn", "rescan"),
        ("[code]\nvalid_minute = 3", "code.valid_minute", "valid_minutes"),
        ("[plugins]\ndisable = ['a']", "plugins.disable", "disabled"),
        ("[trust_services]\nocsp_max_age = 3", "trust_services.ocsp_max_age", "ocsp_max_age_hours"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a'\nquta_day=3", "time_stamp.0.quta_day", "quota_day"),
        ("[trust_services.proxy]\nurl='http://a'\npasword_file='x'", "proxy.pasword_file", "password_file"),
    ],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, more: str, where: str, nearest: str) -> None:
    words = refused(tmp_path, f"{GOOD}{more}\n")
    assert where in words
    assert nearest in words


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("[code]\ntries = '5'", "code.tries"),
        ("[code]\ntries = 0", "code.tries"),
        ("[code]\nvalid_minutes = -5", "code.valid_minutes"),
        ("[code]\nsends_a_day = 2.5", "code.sends_a_day"),
        ("[signing]\nprefer_pss = 'có'", "signing.prefer_pss"),
        ("[signing]\ndigest = 'sha1'", "signing.digest"),
        ("[signing]\ndigest = 'md5'", "signing.digest"),
        ("[[signing.modules]]\nid='a'\npath='b'\nrescan='đôi khi'", "signing.modules.0.rescan"),
        ("[[signing.modules]]\nid='a'", "signing.modules.0.path"),
        ("[plugins]\ndisabled = 'a'", "plugins.disabled"),
        ("[database]\nurl = 5", "database.url"),
        ("[trust_services]\nocsp_nonce = 'có'", "trust_services.ocsp_nonce"),
        ("[trust_services]\ntimeout = 0", "trust_services.timeout"),
        ("[[trust_services.time_stamp]]\nurl='http://a'", "trust_services.time_stamp.0.id"),
        ("[[trust_services.time_stamp]]\nid='Dấu'\nurl='http://a'", "trust_services.time_stamp.0.id"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='tsa.ca.gov.vn'", "not an http:// or https:// address"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://ai:gi@a'", "entries of their own"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a:0'", "trust_services.time_stamp.0.url"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a'\npolicy='1.2.x'", "time_stamp.0.policy"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a'\nquota_day=0", "time_stamp.0.quota_day"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a'\nuser='x'", "user and password_file"),
        ("[trust_services.proxy]\nurl='http://a'\npassword_file='x'", "user and password_file"),
        ("[[trust_services.time_stamp]]\nid='a'\nurl='http://a'\n" * 2, "two authorities have the same id"),
    ],
)
def test_a_wrong_value_says_where(tmp_path: Path, more: str, where: str) -> None:
    assert where in refused(tmp_path, f"{GOOD}{more}\n")


def test_trust_services_are_there_when_asked_for(tmp_path: Path) -> None:
    assert settings.load(write(tmp_path, GOOD)).trust_services is None
    more = "[trust_services]\n[[trust_services.time_stamp]]\nid='nha-nuoc'\nurl='http://tsa.ca.gov.vn'\ntimeout=5"
    read = settings.load(write(tmp_path, f"{GOOD}{more}\n")).trust_services
    assert read is not None
    [authority] = read.time_stamp
    assert (authority.url, authority.timeout, authority.quota_day) == ("http://tsa.ca.gov.vn", 5, None)
    assert (read.tries, read.rest_seconds, read.ocsp_nonce, read.proxy) == (2, 60, "ask", None)
    assert read.at_signing_seconds == 3


def test_top_level_keys(tmp_path: Path) -> None:
    assert "language" in refused(tmp_path, f'language = "fr"\n{GOOD}')
    assert "home" in refused(tmp_path, f'home = "/etc"\n{GOOD}')
    assert "branch" in refused(tmp_path, GOOD.replace("[branch]", "[branhc]"))


@pytest.mark.parametrize("text", ["[branch", "a = ", "=\n", "[branch]\n[branch]\n", "\x00"])
def test_broken_toml(tmp_path: Path, text: str) -> None:
    refused(tmp_path, text)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsInvalid) as wrong:
        settings.load(tmp_path)
    said(wrong.value)


def test_no_installation(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing) as missing:
        settings.load(tmp_path / "không có")
    assert "demo" in said(missing.value)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).mkdir()
    with pytest.raises(SettingsInvalid) as wrong:
        settings.load(tmp_path)
    said(wrong.value)
