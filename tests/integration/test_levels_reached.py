"""A signed file raised to B-T, B-LT and B-LTA, in one go and step by step, with and without the services."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.consent_check import check_consent
from kernel.signing.errors import SignatureTooLarge, TimeStampUnavailable
from kernel.signing.levels import Level
from kernel.signing.report import Verdict
from kernel.signing.sign import sign_field
from tests.archive_kit import Archive
from tests.pki import NOW, agreed, prepared


@pytest.fixture
def archive() -> Archive:
    return Archive(NOW)


def test_levels_are_ordered_by_what_they_prove() -> None:
    assert sorted(Level) == [Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA]
    assert Level.B_T < Level.B_LT <= Level.B_LT < Level.B_LTA > Level.B_B
    assert (Level.of("PKCS7-LT"), Level.of("B-LTA"), Level.of("")) == (Level.B_LT, Level.B_LTA, None)


def test_one_go_from_the_counter_to_the_archive(archive: Archive) -> None:
    pdf = archive.signed(agreed())
    done = archive.extended(pdf)
    assert (done.level, done.obstacle) == (Level.B_LTA, None)
    assert done.pdf.startswith(pdf)
    report = archive.judged(done.pdf, archive.roots)
    assert (report.verdict, report.reasons) == (Verdict.VALID, ())


def test_step_by_step_each_level_is_what_the_verifier_sees(archive: Archive) -> None:
    pdf = archive.signed(agreed())
    stamps: list[int] = []
    for level in (Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA):
        done = archive.extended(pdf, level)
        assert (done.level, done.obstacle) == (level, None)
        report = archive.judged(done.pdf)
        assert (report.verdict, [one.level for one in report.signatures]) == (Verdict.VALID, [level.value])
        pdf, stamps = done.pdf, [*stamps, archive.tsa.stamps]
    assert stamps == [0, 1, 1, 2]


def test_what_has_its_level_already_is_left_alone(archive: Archive) -> None:
    done = archive.extended(archive.signed(agreed()))
    stamps = archive.tsa.stamps
    again = archive.extended(done.pdf, Level.B_LT)
    assert (again.pdf == done.pdf, again.level, again.obstacle) == (True, Level.B_LTA, None)
    assert archive.tsa.stamps == stamps


def test_two_signers_and_a_signature_after_the_archive(archive: Archive) -> None:
    first = archive.extended(archive.signed(agreed())).pdf
    both = archive.signed(first, "dong_dau", archive.signer(name="Công ty Điện lực"))
    assert [one.level for one in archive.judged(both).signatures] == ["B-LTA", "B-B"]
    done = archive.extended(both)
    assert (done.level, done.obstacle) == (Level.B_LTA, None)
    assert [one.level for one in archive.judged(done.pdf).signatures] == ["B-LTA", "B-LTA"]


def test_ocsp_answers_do_as_well_as_lists() -> None:
    archive = Archive(NOW, by_ocsp=True)
    done = archive.extended(archive.signed(agreed()))
    assert (done.level, done.obstacle) == (Level.B_LTA, None)
    store = PdfFileReader(BytesIO(done.pdf)).root["/DSS"]
    assert (len(store["/OCSPs"]), len(store["/CRLs"]), "/VRI" in store) == (2, 2, False)


def test_lists_given_with_the_trust_need_no_service(archive: Archive) -> None:
    done = archive.extended(archive.signed(agreed()), trust=archive.trust, revocation=None)
    assert (done.level, done.obstacle) == (Level.B_LTA, None)
    assert archive.judged(done.pdf, archive.roots).verdict is Verdict.VALID


def test_the_agreed_bytes_stay_the_first_revision(archive: Archive) -> None:
    done = archive.extended(archive.signed(agreed()))
    consent = check_consent(done.pdf)
    assert consent is not None and consent.consent is not None
    assert consent.matches
    length = consent.consent.document["length"]
    assert hashlib.sha256(done.pdf[:length]).hexdigest() == consent.consent.document["sha256"]
    assert done.pdf[:length] == prepared()


def test_signing_with_a_time_stamp_reaches_the_level_at_once(archive: Archive) -> None:
    pdf = archive.signed(agreed(), stamped=True)
    report = archive.judged(pdf)
    assert (report.verdict, [one.level for one in report.signatures]) == (Verdict.VALID, ["B-T"])
    done = archive.extended(pdf)
    assert (done.level, done.obstacle, archive.tsa.stamps) == (Level.B_LTA, None, 2)


@pytest.mark.parametrize("broken", [{"down": True}, {"token_size": 400}])
def test_a_signature_is_made_without_the_time_stamp_that_could_not_be_had(
    archive: Archive, broken: dict[str, Any]
) -> None:
    made = sign_field(
        agreed(),
        field="ben_ban",
        signer=archive.signer(),
        at=NOW,
        appearance=None,
        name="Trần Văn Ữ",
        reason="",
        location="",
        time_stamper=replace(archive.tsa, **broken),
    )
    assert isinstance(made.obstacle, (TimeStampUnavailable, SignatureTooLarge))
    assert archive.judged(agreed() + made.update).signatures[0].level == "B-B"
