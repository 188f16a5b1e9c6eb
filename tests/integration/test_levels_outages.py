"""Services that fail while a file is raised: the level reached, the obstacle told, the bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from kernel.signing.errors import (
    ExtensionRefused,
    RevocationUnavailable,
    SignatureTooLarge,
    TimeStampUnavailable,
    TimeStampWrong,
)
from kernel.signing.levels import Level
from kernel.signing.ports import Revocations, TimeStampToken
from kernel.signing.report import Verdict
from kernel.signing.trust import Trust
from tests.archive_kit import Archive, Tsa, crl
from tests.pki import DAY, NOW, agreed, make_pki, prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kernel.api.errors import QuayDienError
    from kernel.signing.extending import Extended


@pytest.fixture
def archive() -> Archive:
    return Archive(NOW)


@pytest.fixture
def signed(archive: Archive) -> bytes:
    return archive.signed(agreed())


@dataclass
class After:
    """A time-stamping authority that goes down after so many answers."""

    inner: Tsa
    answers: int

    @property
    def token_size(self) -> int:
        return self.inner.token_size

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        self.inner.down = self.inner.stamps >= self.answers
        return self.inner.stamp(imprint, algorithm)


def stopped(done: Extended, at: Level | None, kind: type[QuayDienError]) -> None:
    assert (done.level, type(done.obstacle)) == (at, kind)
    assert done.obstacle is not None
    for language in ("vi", "en"):
        assert str(done.obstacle.diagnosis(language))


def test_without_any_time_stamp_the_file_stays_as_it_is(archive: Archive, signed: bytes) -> None:
    archive.tsa.down = True
    done = archive.extended(signed)
    stopped(done, Level.B_B, TimeStampUnavailable)
    assert done.pdf == signed
    stopped(archive.extended(signed, time_stamper=None), Level.B_B, TimeStampUnavailable)


def test_a_time_stamp_that_fails_last_leaves_the_long_term_level(archive: Archive, signed: bytes) -> None:
    done = archive.extended(signed, time_stamper=After(archive.tsa, 1))
    stopped(done, Level.B_LT, TimeStampUnavailable)
    assert archive.judged(done.pdf).verdict is Verdict.VALID
    archive.tsa.down = False
    finished = archive.extended(done.pdf)
    assert (finished.level, finished.obstacle) == (Level.B_LTA, None)
    assert finished.pdf.startswith(done.pdf)


def test_without_revocation_data_the_time_is_in_the_file_and_not_yet_proved(archive: Archive, signed: bytes) -> None:
    archive.lists.down = True
    done = archive.extended(signed)
    stopped(done, Level.B_B, RevocationUnavailable)
    assert archive.judged(done.pdf).signatures[0].level == "B-T"
    archive.lists.down = False
    finished = archive.extended(done.pdf)
    assert (finished.level, finished.obstacle, archive.tsa.stamps) == (Level.B_LTA, None, 2)


def test_nothing_known_of_the_signer_stops_at_the_time_stamp(archive: Archive, signed: bytes) -> None:
    archive.lists.authorities = [archive.stamping.root, archive.stamping.issuing]
    done = archive.extended(signed)
    stopped(done, Level.B_B, RevocationUnavailable)
    assert "Trần Văn Ữ" in str(done.obstacle)


@dataclass
class Garbled:
    """A time-stamping authority whose answers are spoilt on their way."""

    inner: Tsa
    spoil: Any

    @property
    def token_size(self) -> int:
        return self.inner.token_size

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        token = self.inner.stamp(imprint, algorithm)
        return replace(token, der=self.spoil(self.inner, token.der, imprint))


SPOILT = {
    "empty": lambda tsa, der, imprint: b"",
    "html": lambda tsa, der, imprint: "<html>Lỗi cổng</html>".encode(),
    "cut": lambda tsa, der, imprint: der[: len(der) // 2],
    "zeros": lambda tsa, der, imprint: bytes(len(der)),
    "a changed signature": lambda tsa, der, imprint: der[:-1] + bytes([der[-1] ^ 1]),
    "over something else": lambda tsa, der, imprint: tsa.stamp(bytes(32), "sha256").der,
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_time_stamp_never_gets_into_the_file(archive: Archive, signed: bytes, spoilt: str) -> None:
    done = archive.extended(signed, time_stamper=Garbled(archive.tsa, SPOILT[spoilt]))
    stopped(done, Level.B_B, TimeStampWrong)
    assert done.pdf == signed


def test_a_time_stamp_larger_than_it_was_said_to_be(archive: Archive, signed: bytes) -> None:
    archive.tsa.token_size = 500
    done = archive.extended(signed)
    stopped(done, Level.B_B, SignatureTooLarge)
    assert done.pdf == signed


def test_a_time_stamp_of_an_unknown_authority_is_not_taken(archive: Archive, signed: bytes) -> None:
    stranger = Tsa(make_pki("người lạ").issuing, archive.clock)
    done = archive.extended(signed, Level.B_T, time_stamper=stranger)
    stopped(done, Level.B_B, TimeStampWrong)
    assert done.pdf == signed


@dataclass
class Saying:
    """A source of revocation data that always says the same."""

    known: Revocations

    def revocations(self, chain: Sequence[bytes], *, newer_than: datetime | None = None) -> Revocations:
        return self.known


def old(archive: Archive) -> Revocations:
    return Revocations(tuple(crl(one, NOW - 30 * DAY) for one in archive.lists.authorities))


def of_another(archive: Archive) -> Revocations:
    """Lists that bear the right names and are signed by somebody else."""
    other = make_pki("khác")
    forged = [replace(one, key=other.issuing.key) for one in archive.lists.authorities]
    return Revocations(tuple(crl(one, NOW) for one in forged))


def none(archive: Archive) -> Revocations:
    return Revocations()


def garbage(archive: Archive) -> Revocations:
    page = "<html>Lỗi cổng</html>".encode()
    return Revocations((b"", page), (b"", page, bytes(40)))


@pytest.mark.parametrize("says", [old, of_another, none, garbage])
def test_revocation_data_that_prove_nothing_stop_it(archive: Archive, signed: bytes, says: Any) -> None:
    done = archive.extended(signed, revocation=Saying(says(archive)))
    stopped(done, Level.B_B, RevocationUnavailable)
    assert b"/DSS" not in done.pdf


def test_a_signer_found_revoked_is_not_archived(archive: Archive) -> None:
    signer = archive.signer()
    signed = archive.signed(agreed(), signer=signer)
    archive.signing.issuing.revoke(signer, NOW - DAY / 24)
    done = archive.extended(signed)
    stopped(done, Level.B_B, ExtensionRefused)
    assert archive.judged(done.pdf).verdict is Verdict.INVALID


def test_a_file_that_does_not_hold_is_left_alone(archive: Archive, signed: bytes) -> None:
    changed = signed.replace(b"/Count 3", b"/Count 2", 1)
    for pdf, kind in (
        (changed, ExtensionRefused),
        (prepared(), ExtensionRefused),
        (b"", ExtensionRefused),
        (b"%PDF-1.7 no more", ExtensionRefused),
        (signed[: len(signed) // 2], ExtensionRefused),
    ):
        for done in (archive.extended(pdf), archive.renewed(pdf)):
            stopped(done, done.level, kind)
            assert done.pdf == pdf
    assert archive.tsa.stamps == 0


def test_a_certificate_already_over_is_beyond_help(archive: Archive, signed: bytes) -> None:
    archive.clock.on(800 * DAY)
    done = archive.extended(signed)
    stopped(done, Level.B_B, ExtensionRefused)
    assert done.pdf == signed


def test_a_root_that_was_not_given_stops_it(archive: Archive, signed: bytes) -> None:
    done = archive.extended(signed, trust=Trust(roots=(archive.stamping.root.der,)))
    stopped(done, Level.B_B, ExtensionRefused)
    assert done.pdf == signed
