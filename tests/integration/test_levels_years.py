"""An archive through the years: renewals, what happens without them, and what other readers say of the files."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus

from kernel.signing.consent_check import check_consent
from kernel.signing.errors import ExtensionRefused, RevocationUnavailable, TimeStampUnavailable
from kernel.signing.levels import Level
from kernel.signing.lifetime import lifetime
from kernel.signing.report import Verdict
from tests.archive_kit import YEAR, Archive
from tests.pki import DAY, NOW, agreed
from tests.pyhanko_lta import lta_judgements

if TYPE_CHECKING:
    from pathlib import Path

STEP = 3 * YEAR
"""Between renewals; a time-stamping certificate lives for four years here."""
START = NOW - 10 * YEAR - 9 * DAY
"""pyHanko judges the past from today, so the ten years end today; all but the last time stamp are over by then."""


@dataclass(frozen=True)
class Kept:
    """One contract, and the archive it lies in, ten years on; `files` are its states, oldest first."""

    archive: Archive
    files: tuple[bytes, ...]


@pytest.fixture(scope="module")
def kept() -> Kept:
    """Return a contract archived at once and renewed after three, six and nine years."""
    archive = Archive(START, by_ocsp=True)
    archive.tsa.life = 4 * YEAR
    signed = archive.signed(agreed(), stamped=True)
    signed = archive.signed(signed, "dong_dau", archive.signer(name="Công ty Điện lực"), stamped=True)
    files = [archive.extended(signed).pdf]
    for _ in range(3):
        archive.clock.on(STEP)
        archive.tsa.renew_certificate()
        done = archive.renewed(files[-1])
        assert (done.level, done.obstacle) == (Level.B_LTA, None)
        files.append(done.pdf)
    archive.clock.on(NOW - archive.clock.now)
    return Kept(archive, tuple(files))


def test_renewed_in_time_it_is_valid_ten_years_on(kept: Kept) -> None:
    report = kept.archive.judged(kept.files[-1])
    assert (report.verdict, report.reasons) == (Verdict.VALID, ())
    assert [(one.level, one.time_stamp) for one in report.signatures] == [("B-LTA", START), ("B-LTA", START)]


def test_each_renewal_only_appends(kept: Kept) -> None:
    for older, newer in zip(kept.files, kept.files[1:], strict=False):
        assert newer.startswith(older)
    consent = check_consent(kept.files[-1])
    assert consent is not None
    assert consent.matches


@pytest.mark.parametrize("renewals", [0, 1])
def test_without_its_renewals_it_is_not_known_to_be_valid(kept: Kept, renewals: int) -> None:
    report = kept.archive.judged(kept.files[renewals])
    assert report.verdict is Verdict.UNKNOWN
    assert {one.level for one in report.signatures} == {"B-B"}
    done = kept.archive.renewed(kept.files[renewals])
    assert (done.pdf == kept.files[renewals], type(done.obstacle)) == (True, ExtensionRefused)


def test_archive_data_of_each_renewal_come_before_its_time_stamp(kept: Kept) -> None:
    reader = PdfFileReader(BytesIO(kept.files[-1]))
    stamps = [one.signed_revision for one in reader.embedded_timestamp_signatures]
    sizes = [len(reader.get_historical_root(revision)["/DSS"]["/CRLs"]) for revision in stamps[1:]]
    assert sizes == sorted(set(sizes))


def test_the_day_of_renewal_is_known(kept: Kept) -> None:
    archive, newest = kept.archive, kept.files[-1]
    found = lifetime(newest, archive.trust, archive.clock.now)
    assert found is not None
    assert (found.until, found.stamped) == (START + 3 * STEP + 4 * YEAR, True)
    assert found.renew_by(90 * DAY) == (found.until - 90 * DAY + timedelta(hours=7)).date()


def test_a_renewal_that_finds_no_service_changes_nothing_of_what_was_proved(kept: Kept) -> None:
    archive, newest = kept.archive, kept.files[-1]
    for broken, obstacle in (
        ({"revocation": replace(archive.lists, down=True), "trust": archive.roots}, RevocationUnavailable),
        ({"time_stamper": None}, TimeStampUnavailable),
    ):
        done = archive.renewed(newest, **broken)
        assert type(done.obstacle) is obstacle
        assert done.pdf.startswith(newest)
        assert archive.judged(done.pdf).verdict is Verdict.VALID


def test_pyhanko_says_the_same_by_its_own_rules(kept: Kept) -> None:
    """ETSI EN 319 102-1, 5.6.3 as another program reads it, with today's lists and the moment of the archive."""
    archive = kept.archive
    assert archive.tsa.own is not None
    own = archive.tsa.own.certificate
    asked = ((own, archive.stamping.issuing.der), (archive.signing.issuing.der,))
    today = archive.lists.revocations(asked[0]) + archive.lists.revocations(asked[1])
    for result in lta_judgements(kept.files[-1], archive.roots.roots, today, archive.clock.now):
        assert result.ades_subindic.status is AdESStatus.PASSED, result.failure_msg
        assert result.oldest_evidence_record_timestamp == START


@pytest.mark.skipif(not shutil.which("pdfsig") or not shutil.which("qpdf"), reason="needs poppler-utils and qpdf")
def test_poppler_and_qpdf_find_nothing_wrong(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "hợp đồng.pdf"
    file.write_bytes(kept.files[-1])
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
    # poppler 22 checks no document time stamps; the newest stands over the whole file
    assert told.count("Signature is Valid") == 2, told
    assert told.count("- Total document signed") == 1, told
