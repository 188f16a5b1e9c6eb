"""From the settings file to a file that can be checked for years: the services connected, over real HTTP."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kernel import clock, settings
from kernel.errors import SettingsInvalid
from kernel.signing.errors import TimeStampUnavailable
from kernel.signing.extending import extend
from kernel.signing.levels import Level
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from kernel.trust_services.connect import connect
from kernel.trust_services.errors import PasswordUnreadable
from tests import trust_authority as bad_days
from tests.pki import agreed, sign
from tests.said import said
from tests.unit.test_settings import GOOD, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kernel.trust_services.connect import TrustServices
    from tests.trust_authority import TrustAuthority


@contextmanager
def connected(services: TrustAuthority, home: Path, more: str = "", first: str = "") -> Iterator[TrustServices]:
    text = f"""{GOOD}
[trust_services]
tries = 1
{more}
[[trust_services.time_stamp]]
id = "mot"
url = "{first or services.tsa_url("first")}"
[[trust_services.time_stamp]]
id = "hai"
url = "{services.tsa_url("second")}"
quota_month = 1000
"""
    made = connect(settings.load(write(home, text)), lambda: services.trust)
    assert made is not None
    try:
        yield made
    finally:
        made.close()


def test_a_signed_file_becomes_b_lta(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signed = sign(agreed(), "ben_ban", trust_authority.signer(), at=clock.now())
    with connected(trust_authority, tmp_path) as services, trust_authority.door.fault("/tsa/first", bad_days.down):
        raised = extend(
            signed,
            wanted=Level.B_LTA,
            trust=trust_authority.trust,
            time_stamper=services.time_stamper,
            revocation=services.revocation,
            now=clock.now(),
        )
        assert raised.obstacle is None
        assert services.time_stamper is not None
        first, second = services.time_stamper.states()
    assert (first.state, second.used) == ("resting", (2, 2))
    report = verify(raised.pdf, trust_authority.trust, seconds=30)
    assert (report.verdict, [one.level for one in report.signatures]) == (Verdict.VALID, ["B-LTA"])
    assert (tmp_path / "state" / "time-stamps.db").is_file()
    assert {kept.suffix for kept in (tmp_path / "cache" / "revocation").glob("?*.*")} == {".ocsp", ".crl"}


def test_nothing_answers(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signed = sign(agreed(), "ben_ban", trust_authority.signer(), at=clock.now())
    with connected(trust_authority, tmp_path) as services, trust_authority.door.fault("/", bad_days.down):
        raised = extend(
            signed,
            wanted=Level.B_LTA,
            trust=trust_authority.trust,
            time_stamper=services.time_stamper,
            revocation=services.revocation,
            now=clock.now(),
        )
    assert raised.pdf == signed
    assert isinstance(raised.obstacle, TimeStampUnavailable)
    assert all(name in said(raised.obstacle) for name in ("mot:", "hai:"))


def test_without_the_section_there_is_nothing(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    assert connect(settings.load(write(tmp_path, GOOD)), lambda: trust_authority.trust) is None
    only_sources = connect(settings.load(write(tmp_path, f"{GOOD}[trust_services]\n")), lambda: trust_authority.trust)
    assert only_sources is not None
    assert only_sources.time_stamper is None
    only_sources.close()


def test_a_corner_of_the_house_that_is_missing(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid), connected(trust_authority, tmp_path, "ca_file = 'khong-co.pem'"):
        pass
    lost = "[trust_services.proxy]\nurl='http://127.0.0.1:9'\nuser='a'\npassword_file='khong-co'"
    with pytest.raises(PasswordUnreadable), connected(trust_authority, tmp_path, lost):
        pass


def test_trust_is_looked_at_when_it_is_needed(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    from kernel.signing.trust import Trust

    believed = [Trust()]
    text = (
        f"{GOOD}[trust_services]\ntries=1\n[[trust_services.time_stamp]]\nid='mot'\nurl='{trust_authority.tsa_url()}'\n"
    )
    made = connect(settings.load(write(tmp_path, text)), lambda: believed[0])
    assert made is not None
    assert made.time_stamper is not None
    imprint = hashlib.sha256(b"a").digest()
    with pytest.raises(TimeStampUnavailable):
        made.time_stamper.stamp(imprint, "sha256")
    believed[0] = trust_authority.trust
    assert [one.problem for one in made.time_stamper.examine()] == [None]
    made.close()
