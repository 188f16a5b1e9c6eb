"""Time stamps and archive data that somebody tampered with, or that came too early, too late or from another."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from kernel.signing.deferred import finish, prepare_signature
from kernel.signing.levels import Level
from kernel.signing.prepared import Appearing
from kernel.signing.report import Report, Verdict
from kernel.signing.signature_time_stamp import attribute_size, stamp_signature
from kernel.signing.trust import Trust
from tests.archive_kit import YEAR, Archive, Tsa, crl
from tests.pki import DAY, NOW, Authority, agreed, key_usage, make_pki, rsa_key, subject

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = DAY / 24


@pytest.fixture
def archive() -> Archive:
    return Archive(NOW)


@pytest.fixture
def lasting(archive: Archive) -> bytes:
    """Return a file at B-LTA."""
    return archive.extended(archive.signed(agreed())).pdf


def codes(report: Report) -> set[str]:
    return {reason.code for reason in report.reasons}


def levels(report: Report) -> list[str]:
    return [one.level for one in report.signatures]


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


# archive data


def emptied(writer: IncrementalPdfFileWriter) -> None:
    store = writer.root["/DSS"]
    store[pdf_name("/CRLs")] = ArrayObject()
    writer.update_container(store)


def swapped(writer: IncrementalPdfFileWriter) -> None:
    other = make_pki("khác")
    store = writer.root["/DSS"]
    for key, value in (("/CRLs", crl(other.issuing, NOW)), ("/Certs", other.issuing.der)):
        store[pdf_name(key)] = ArrayObject([writer.add_object(StreamObject(stream_data=value))])
    writer.update_container(store)


@pytest.mark.parametrize("change", [emptied, swapped])
def test_archive_data_taken_out_later_are_noticed(archive: Archive, lasting: bytes, change: Any) -> None:
    report = archive.judged(updated(lasting, change))
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"archive_dropped"})


def test_a_store_removed_altogether_is_a_change(archive: Archive, lasting: bytes) -> None:
    def removed(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/DSS"]
        writer.update_root()

    report = archive.judged(updated(lasting, removed))
    assert report.verdict is Verdict.INVALID
    assert "changed_after" in codes(report)


def test_archive_data_changed_where_they_lie_break_the_time_stamp(archive: Archive, lasting: bytes) -> None:
    list_of_signers = crl(archive.signing.issuing, NOW)
    assert lasting.count(list_of_signers) == 1
    report = archive.judged(lasting.replace(list_of_signers, list_of_signers[:-1] + b"\0"))
    assert (report.verdict, "time_stamp_broken" in codes(report)) == (Verdict.INVALID, True)


def test_foreign_archive_data_added_change_nothing(archive: Archive, lasting: bytes) -> None:
    def added(writer: IncrementalPdfFileWriter) -> None:
        store = writer.root["/DSS"]
        store["/CRLs"].append(writer.add_object(StreamObject(stream_data=crl(make_pki("khác").issuing, NOW))))
        store["/CRLs"].append(writer.add_object(StreamObject(stream_data="Không phải CRL".encode())))
        writer.update_container(store)

    report = archive.judged(updated(lasting, added))
    assert (report.verdict, levels(report)) == (Verdict.VALID, ["B-LTA"])


# time stamps


def restamped(pdf: bytes, tsa: Tsa, *, short: int = 0, over: bytes | None = None) -> bytes:
    """Return `pdf` with its last document time stamp made anew, its range `short` bytes shorter, or `over` others."""
    *_, found = re.finditer(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)
    first, start, second = (int(number) for number in found.groups())
    written = b"/ByteRange [0 %d %d %d]" % (first, start, second - short)
    changed = pdf[: found.start()] + written.ljust(found.end() - found.start()) + pdf[found.end() :]
    covered = changed[:first] + changed[start : start + second - short]
    token = tsa.stamp(hashlib.sha256(covered if over is None else over).digest(), "sha256").der.hex().encode()
    return changed[: first + 1] + token.ljust(start - first - 2, b"0") + changed[start - 1 :]


def test_a_time_stamp_made_anew_over_the_same_bytes_is_as_good(archive: Archive, lasting: bytes) -> None:
    assert archive.judged(restamped(lasting, archive.tsa)).verdict is Verdict.VALID


@pytest.mark.parametrize("wrong", [{"over": b"something else"}, {"short": 10}])
def test_a_time_stamp_over_another_range(archive: Archive, lasting: bytes, wrong: dict[str, Any]) -> None:
    report = archive.judged(restamped(lasting, archive.tsa, **wrong))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"time_stamp_broken"})
    assert levels(report) == ["B-LT"]


def test_a_time_stamp_over_another_signature(archive: Archive) -> None:
    signer = archive.signer()
    pending = prepare_signature(
        agreed(),
        field="ben_ban",
        certificate=signer.certificate,
        chain=signer.chain,
        mechanism=signer.mechanism,
        appearing=Appearing(NOW, "Trần Văn Ữ", "", "", None),
        unsigned_attribute=attribute_size(archive.tsa),
    )
    signature = signer.sign(pending.to_be_signed)
    made = finish(agreed(), pending, signature, stamp_signature(b"of another", archive.tsa))
    report = archive.judged(agreed() + made.update)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"time_stamp_broken"})


def test_a_stranger_s_time_stamp_proves_nothing_and_harms_nothing(archive: Archive, lasting: bytes) -> None:
    """Anybody can append one; the archive's own time stamps go on to count."""
    stranger = Archive(NOW, "người lạ")
    trusting = Trust(roots=(*archive.roots.roots, *stranger.roots.roots))
    signed = archive.signed(agreed())
    for services in (archive, stranger):
        services.clock.on(DAY)
    for pdf, level in ((signed, "B-B"), (lasting, "B-LTA")):
        source = replace(archive.lists, authorities=[*archive.lists.authorities, *stranger.lists.authorities])
        wanted = Level.B_T if pdf is signed else Level.B_LTA
        call = archive.extended if pdf is signed else archive.renewed
        options = {"wanted": wanted} if pdf is signed else {}
        stamped = call(pdf, trust=trusting, time_stamper=stranger.tsa, revocation=source, **options).pdf
        assert stranger.tsa.stamps
        assert len(stamped) > len(pdf)
        report = archive.judged(stamped)
        assert (report.verdict, levels(report)) == (Verdict.VALID, [level])
        assert codes(report) == {"document_time_unproven"}


def test_a_stranger_s_time_stamp_does_not_outlive_the_certificate(archive: Archive) -> None:
    stranger = Archive(NOW, "người lạ")
    trusting = Trust(roots=(*archive.roots.roots, *stranger.roots.roots))
    source = replace(archive.lists, authorities=[*archive.lists.authorities, *stranger.lists.authorities])
    done = archive.extended(
        archive.signed(agreed(), signer=archive.signer(life=30 * DAY)),
        trust=trusting,
        time_stamper=stranger.tsa,
        revocation=source,
    )
    assert done.level == Level.B_LTA
    archive.clock.on(60 * DAY)
    report = archive.judged(done.pdf)
    assert (report.verdict, levels(report)) == (Verdict.UNKNOWN, ["B-B"])


def test_time_stamps_in_the_wrong_order_do_not_prove_each_other(archive: Archive) -> None:
    signed = archive.signed(agreed())
    archive.tsa.renew_certificate()
    archive.clock.on(30 * DAY)
    ahead = archive.extended(signed, Level.B_LT).pdf
    archive.clock.on(-20 * DAY)
    both = archive.extended(ahead, trust=archive.trust).pdf
    # the second stands over the first and says it is twenty days older
    report = archive.judged(both)
    assert report.signatures[0].time_stamp == archive.clock.now


# the authority of a time stamp is revoked


def test_an_authority_revoked_later_does_no_harm_where_the_next_time_stamp_came_before(archive: Archive) -> None:
    signer = archive.signer(life=30 * DAY)
    first = archive.extended(archive.signed(agreed(), signer=signer)).pdf
    old = archive.tsa.own
    assert old is not None
    archive.clock.on(60 * DAY)
    archive.tsa.renew_certificate()
    renewed = archive.renewed(first)
    assert renewed.level == Level.B_LTA
    archive.clock.on(10 * DAY)
    archive.stamping.issuing.revoke(old, archive.clock.now - DAY)
    assert archive.judged(renewed.pdf).verdict is Verdict.VALID
    report = archive.judged(first)
    assert (report.verdict, levels(report)) == (Verdict.UNKNOWN, ["B-B"])
    assert "document_time_unproven" in codes(report)


def test_an_authority_revoked_before_its_time_stamp_proves_nothing(archive: Archive) -> None:
    signer = archive.signer(life=30 * DAY)
    first = archive.extended(archive.signed(agreed(), signer=signer)).pdf
    old = archive.tsa.own
    assert old is not None
    archive.clock.on(DAY)
    archive.tsa.renew_certificate()
    renewed = archive.renewed(first).pdf
    archive.stamping.issuing.revoke(old, NOW - HOUR)
    archive.clock.on(60 * DAY)
    report = archive.judged(renewed)
    # the second time stamp proves the file by itself: it stands over the same archive data
    assert (report.verdict, report.signatures[0].time_stamp) == (Verdict.VALID, NOW + DAY)
    assert archive.judged(first).verdict is Verdict.UNKNOWN


# the signer's certificate, and what is said about it


def test_revoked_after_the_time_stamp_is_valid_and_before_it_is_not(archive: Archive) -> None:
    for since, verdict in ((NOW + DAY, Verdict.VALID), (NOW - HOUR, Verdict.INVALID)):
        signer = archive.signer()
        done = archive.extended(archive.signed(agreed(), signer=signer))
        assert done.level == Level.B_LTA
        archive.signing.issuing.revoke(signer, since)
        archive.clock.on(10 * DAY)
        report = archive.judged(done.pdf)
        assert report.verdict is verdict
        assert report.signatures[0].revocation == ("good" if verdict is Verdict.VALID else "revoked")
        archive.clock.on(-10 * DAY)


def test_a_revocation_stays_known_when_its_list_is_out_of_date(archive: Archive) -> None:
    signer = archive.signer()
    done = archive.extended(archive.signed(agreed(), signer=signer), Level.B_T)
    archive.signing.issuing.revoke(signer, NOW - 20 * DAY)
    old = crl(archive.signing.issuing, NOW - 15 * DAY)
    rest = [crl(one, NOW) for one in archive.lists.authorities if one is not archive.signing.issuing]
    report = archive.judged(done.pdf, replace(archive.roots, crls=(old, *rest)))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"revoked"})


def about_the_signer(archive: Archive, made: bytes) -> Trust:
    others = [crl(one, archive.clock.now) for one in archive.lists.authorities if one is not archive.signing.issuing]
    return replace(archive.roots, crls=(made, *others))


def test_lists_that_are_too_old_or_another_s_say_nothing(archive: Archive) -> None:
    stamped = archive.extended(archive.signed(agreed()), Level.B_T).pdf
    archive.clock.on(HOUR)
    right = crl(archive.signing.issuing, archive.clock.now)
    assert archive.judged(stamped, about_the_signer(archive, right)).verdict is Verdict.VALID
    forger = replace(archive.signing.issuing, key=make_pki("khác").issuing.key)
    for wrong in (
        crl(archive.signing.issuing, NOW - 30 * DAY),
        crl(make_pki("khác").issuing, archive.clock.now),
        crl(forger, archive.clock.now),
        right[:-1] + bytes([right[-1] ^ 1]),
    ):
        report = archive.judged(stamped, about_the_signer(archive, wrong))
        assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"revocation_unknown"})
        assert report.signatures[0].revocation == "unknown"


def test_a_list_made_after_the_end_of_a_certificate_may_have_dropped_it(archive: Archive) -> None:
    """RFC 5280, 3.3: an entry may go from the list once the certificate is over."""
    archive.tsa.life = 10 * YEAR
    signer = archive.signer(life=30 * DAY)
    stamped = archive.extended(archive.signed(agreed(), signer=signer), Level.B_T).pdf
    archive.clock.on(YEAR)
    report = archive.judged(stamped)
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"revocation_unknown"})
    in_time = crl(archive.signing.issuing, NOW + 29 * DAY)
    assert archive.judged(stamped, about_the_signer(archive, in_time)).verdict is Verdict.VALID


def test_a_list_from_an_authority_that_was_over_is_not_believed(archive: Archive) -> None:
    """ETSI EN 319 102-1, 5.6.2.4: whoever broke an old authority's key can make lists of any date."""
    root, usage = archive.signing.root, key_usage(key_cert_sign=True, crl_sign=True)
    name, key = subject("CA ngắn hạn"), rsa_key("CA ngắn hạn")
    made = root.issue(name, key, since=NOW - DAY, until=NOW + YEAR, usage=usage, ca=True)
    short = Authority(name, key, made, above=(root.der,))
    archive.tsa.life = 10 * YEAR
    archive.lists.authorities.append(short)
    signer = short.person("Trần Văn Ữ", since=NOW - DAY, until=NOW + YEAR)
    signed = archive.signed(agreed(), signer=signer)
    stamped = archive.extended(signed, Level.B_T).pdf
    honest = archive.extended(signed).pdf
    archive.clock.on(3 * YEAR)
    # in a later revision: a list of the day of signing, made today
    forged = crl(short, NOW)

    def added(writer: IncrementalPdfFileWriter) -> None:
        parts = [writer.add_object(StreamObject(stream_data=one)) for one in (forged, crl(root, NOW))]
        writer.root[pdf_name("/DSS")] = writer.add_object(DictionaryObject({pdf_name("/CRLs"): ArrayObject(parts)}))
        writer.update_root()

    report = archive.judged(updated(stamped, added))
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"revocation_unknown"})
    assert archive.judged(honest).verdict is Verdict.VALID
