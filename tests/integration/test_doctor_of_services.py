"""What `quaydien doctor` says of the trust services, asked for real."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from console.diagnosis_of_services import examine_revocation, examine_time_stamps
from console.examining import Examiner
from kernel.signing.errors import TimeStampUnavailable
from tests import trust_authority as bad_days
from tests.integration.test_trust_services_connected import connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console.examining import Check
    from tests.trust_authority import TrustAuthority


def examiner(services: object, *certificates: bytes, practice: bool = False) -> Examiner:
    at_hand = SimpleNamespace(certificates=lambda: tuple(SimpleNamespace(der=der) for der in certificates))
    settings = SimpleNamespace(branch=SimpleNamespace(practice=practice))
    office = SimpleNamespace(trust_services=services, settings=settings, signers={"token": at_hand})
    return Examiner(cast("Any", office), "vi")


def told(checks: Iterator[Check]) -> list[tuple[str, str]]:
    return [(check.state, f"{check.finding} → {check.advice}") for check in checks]


def test_time_stamps(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    with connected(trust_authority, tmp_path) as services:
        first, second = told(examine_time_stamps(examiner(services)))
        assert (first[0], second[0]) == ("ok", "ok")
        assert "mot (http://127.0.0.1" in first[1]
        assert "tháng này 0/1000" in second[1]
        with trust_authority.door.at(datetime.now(UTC) + timedelta(seconds=100)):
            [first, _] = told(examine_time_stamps(examiner(services)))
        assert first[0] == "warning"
        assert "đồng hồ lệch +" in first[1]
        assert "NTP" in first[1]


def test_one_that_fails_and_all_that_fail(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    with connected(trust_authority, tmp_path) as services, ExitStack() as stack:
        stack.enter_context(trust_authority.door.fault("/tsa/first", bad_days.html))
        first, second = told(examine_time_stamps(examiner(services)))
        assert (first[0], second[0]) == ("warning", "ok")
        assert "trang web" in first[1]
        stack.enter_context(trust_authority.door.fault("/tsa/second", bad_days.status("407 X")))
        first, second = told(examine_time_stamps(examiner(services)))
        assert (first[0], second[0]) == ("failed", "failed")
        assert "trust_services.proxy" in second[1]


def test_a_failure_is_still_told_when_all_is_well_again(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    with connected(trust_authority, tmp_path) as services:
        assert services.time_stamper is not None
        with trust_authority.door.fault("/tsa/", bad_days.down), pytest.raises(TimeStampUnavailable):
            services.time_stamper.stamp(bytes(32), "sha256")
        found = told(examine_time_stamps(examiner(services)))
    assert [state for state, _ in found] == ["ok", "warning", "ok", "warning"]
    assert "mot hỏng lúc" in found[1][1]
    assert "đứt đường truyền" in found[1][1]


def test_sources_of_the_certificates_at_hand(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer, seal = trust_authority.signer(), trust_authority.signer("seal")
    at_hand = (signer.certificate, seal.certificate, *signer.chain)
    with connected(trust_authority, tmp_path) as services:
        found = told(examine_revocation(examiner(services, *at_hand)))
        assert [state for state, _ in found] == ["ok", "ok", "ok"]
        assert [text.split()[0] for _, text in found] == ["OCSP", "CRL", "CRL"]
        assert all("dùng đến" in text for _, text in found)
        with trust_authority.door.fault("/ocsp/", bad_days.status("503 X")):
            found = told(examine_revocation(examiner(services, signer.certificate)))
        assert [state for state, _ in found] == ["failed", "ok", "ok"]
        assert "HTTP 503" in found[0][1]
        [(state, text)] = told(examine_revocation(examiner(services)))
        assert (state, "token" in text) == ("warning", True)


def test_a_branch_without_services(trust_authority: TrustAuthority) -> None:
    for check in (examine_time_stamps, examine_revocation):
        [(state, text)] = told(check(examiner(None)))
        assert state == "warning"
        assert "trust_services" in text


def test_a_practice_branch_that_is_closed(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    with connected(trust_authority, tmp_path, first="http://127.0.0.1:9") as services:
        [first, _] = told(examine_time_stamps(examiner(services, practice=True)))
    assert first[0] == "warning"
    assert "./run demo" in first[1]
