"""A time stamp put into a signature already made: into the room left for it, and nothing else of the file changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms, core

from kernel.signing import prepared
from kernel.signing.check import second_opinion
from kernel.signing.errors import CmsTemplateBroken, SignatureTooLarge, TimeStampWrong
from kernel.signing.levels import Level
from kernel.signing.mechanism import Mechanism
from kernel.signing.signature_time_stamp import attribute_size
from kernel.signing.stamp_update import stamp_update
from tests.archive_kit import Archive
from tests.pki import NOW, agreed, sign

if TYPE_CHECKING:
    from kernel.signing.ports import TimeStampToken


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(NOW)


def signed(archive: Archive, document: bytes, room: int) -> bytes:
    """Return the document signed without a time stamp, and with `room` bytes for one."""
    return sign(document, "ben_ban", archive.signer(), at=NOW, unsigned_attribute=room)


def stamped(archive: Archive, document: bytes, pdf: bytes) -> bytes:
    return document + stamp_update(pdf[len(document) :], len(document), archive.tsa)


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "library"])
def test_only_the_room_in_contents_changes(archive: Archive, monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    document = agreed()
    if not plain:
        monkeypatch.setattr(prepared, "plain_field", lambda *_: None)
    before = signed(archive, document, attribute_size(archive.tsa))
    after = stamped(archive, document, before)
    assert len(after) == len(before)
    begin = before.index(b"/Contents <", len(document))
    end = before.index(b">", begin)
    assert (after[:begin], after[end:]) == (before[:begin], before[end:])
    assert archive.extended(after, Level.B_T).level == Level.B_T
    assert [one.level for one in archive.judged(after).signatures] == ["B-T"]


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_the_same_cms_as_signing_with_the_authority_makes(archive: Archive, mechanism: Mechanism) -> None:
    signer = archive.signing.issuing.person(f"Trần Văn Ữ {mechanism.scheme}", mechanism=mechanism)
    room = attribute_size(archive.tsa)
    before = sign(agreed(), "ben_ban", signer, at=NOW, unsigned_attribute=room)
    after = stamped(archive, agreed(), before)
    second_opinion(after, "ben_ban", signer.certificate)
    report = archive.judged(after)
    assert [(one.intact, one.level) for one in report.signatures] == [(True, "B-T")]


def test_a_second_time_stamp_is_not_asked_for(archive: Archive) -> None:
    once = stamped(archive, agreed(), signed(archive, agreed(), attribute_size(archive.tsa)))
    asked = archive.tsa.stamps
    assert stamped(archive, agreed(), once) == once
    assert archive.tsa.stamps == asked


def test_a_token_larger_than_the_room(archive: Archive) -> None:
    with pytest.raises(SignatureTooLarge):
        stamped(archive, agreed(), signed(archive, agreed(), 100))


def test_a_token_over_another_signature(archive: Archive) -> None:
    class Mistaken:
        token_size = archive.tsa.token_size

        def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
            return archive.tsa.stamp(imprint[::-1], algorithm)

    pdf = signed(archive, agreed(), attribute_size(archive.tsa))
    with pytest.raises(TimeStampWrong):
        stamp_update(pdf[len(agreed()) :], len(agreed()), Mistaken())


def test_what_holds_no_signature(archive: Archive) -> None:
    pdf = signed(archive, agreed(), attribute_size(archive.tsa))
    update, size = pdf[len(agreed()) :], len(agreed())
    begin = update.index(b"/Contents <") + len(b"/Contents <")
    for broken, before in (
        (update, size + 1),
        (update.replace(b"/ByteRange [0", b"/ByteRange [1"), size),
        (update.replace(b"/Contents <", b"/Contents  "), size),
        (update[:begin] + b"zz" + update[begin + 2 :], size),
        (update[:begin] + b"00" + update[begin + 2 :], size),
        (b"", size),
    ):
        with pytest.raises(CmsTemplateBroken):
            stamp_update(broken, before, archive.tsa)


def test_another_unsigned_attribute_stays(archive: Archive) -> None:
    """A customer's own program may have put one there."""
    room = attribute_size(archive.tsa)
    pdf = signed(archive, agreed(), room + 200)
    begin = pdf.index(b"/Contents <", len(agreed())) + len(b"/Contents <")
    end = pdf.index(b">", begin)
    content = cms.ContentInfo.load(bytes.fromhex(pdf[begin:end].decode()))
    other = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.UTF8String("Ệ")]})
    content["content"]["signer_infos"][0]["unsigned_attrs"] = [other]
    digits = content.dump(force=True).hex().encode()
    changed = pdf[:begin] + digits + b"0" * (end - begin - len(digits)) + pdf[end:]
    after = stamped(archive, agreed(), changed)
    made = cms.ContentInfo.load(bytes.fromhex(after[begin:end].decode()))
    kinds = [one["type"].native for one in made["content"]["signer_infos"][0]["unsigned_attrs"]]
    assert sorted(kinds) == ["1.2.3.4.5", "signature_time_stamp_token"]
