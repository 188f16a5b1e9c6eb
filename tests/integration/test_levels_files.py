"""Files of other shapes, what stays as it was in them, and how long each state lasts."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import writer as pdf_writer
from pyhanko.pdf_utils.crypt import StandardSecurityHandler
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.errors import ExtensionRefused, NotPdf
from kernel.signing.levels import Level
from kernel.signing.lifetime import lifetime
from kernel.signing.report import Verdict
from tests.archive_kit import YEAR, Archive
from tests.pki import NOW, agreed, certified, draw, prepared, with_catalog
from tests.scans import write_scan


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(NOW)


@pytest.fixture(scope="module")
def lasting(archive: Archive) -> bytes:
    return archive.extended(archive.signed(agreed(), stamped=True)).pdf


def test_a_file_with_packed_objects_and_cross_references(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(prepared())
    subprocess.run(["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    done = archive.extended(archive.signed((tmp_path / "b.pdf").read_bytes()))
    assert (done.level, done.obstacle) == (Level.B_LTA, None)


def test_a_document_that_forbids_every_change_can_be_archived(archive: Archive) -> None:
    """ISO 32000-2, 12.8.2.2.2: archive data and document time stamps are no changes."""
    done = archive.extended(certified(prepared(), archive.signer()))
    assert (done.level, done.obstacle) == (Level.B_LTA, None)
    assert archive.judged(done.pdf).verdict is Verdict.VALID


def test_an_encrypted_file_is_left_alone(archive: Archive) -> None:
    out = BytesIO()
    writer = pdf_writer.copy_into_new_writer(PdfFileReader(BytesIO(agreed())))
    writer._assign_security_handler(StandardSecurityHandler.build_from_pw("mật khẩu"))
    writer.write(out)
    done = archive.extended(out.getvalue())
    assert (done.pdf == out.getvalue(), type(done.obstacle)) == (True, ExtensionRefused)


def test_a_form_of_another_kind_is_archived_as_it_is(archive: Archive) -> None:
    signed = archive.signed(agreed())
    done = archive.extended(signed)
    assert done.level == Level.B_LTA
    # an XFA entry put in after signing is a change, and is not archived
    refused = archive.extended(with_catalog(signed, xfa=True))
    assert type(refused.obstacle) is ExtensionRefused


def test_what_makes_it_pdf_a_stays(archive: Archive, lasting: bytes) -> None:
    """ISO 19005-3: version, identification and metadata untouched; annotations that print, or have no extent."""
    before, after = PdfFileReader(BytesIO(agreed())), PdfFileReader(BytesIO(lasting))
    assert lasting.startswith(agreed())
    assert after.input_version == before.input_version
    for key in ("/Metadata", "/OutputIntents", "/Lang", "/MarkInfo", "/AF", "/Names"):
        assert (key in before.root) == (key in after.root)
        if key in before.root:
            assert after.root.raw_get(key) == before.root.raw_get(key)
    assert after.root["/Metadata"].data == before.root["/Metadata"].data
    assert after.trailer["/ID"][0] == before.trailer["/ID"][0]
    assert "/Encrypt" not in after.trailer
    fields = [one.get_object() for one in after.root["/AcroForm"]["/Fields"]]
    stamps = [one for one in fields if str(one["/T"]).startswith("dau_thoi_gian")]
    assert len(stamps) == 1
    for one in stamps:
        flags = int(one["/F"])
        # Print set; Invisible, Hidden, NoView and ToggleNoView not (6.3.2); an empty box needs no appearance (6.3.3)
        assert (flags & 4, flags & (1 | 2 | 32 | 256)) == (4, 0)
        assert [float(number) for number in one["/Rect"]] == [0, 0, 0, 0]
    assert after.root["/DSS"].raw_get("/Certs") is not None
    for stream in (*after.root["/DSS"]["/Certs"], *after.root["/DSS"]["/CRLs"]):
        assert "/Filter" not in stream.get_object() or stream.get_object()["/Filter"] != "/LZWDecode"


def test_tools_that_read_pdf_find_it_sound(lasting: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(lasting)
    assert subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=False, capture_output=True).returncode == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_bit_in_any_envelope_is_noticed(archive: Archive, lasting: bytes, data: st.DataObject) -> None:
    """The time stamp in the signature, the certificates that came with it, the document time stamp."""
    ranges = [tuple(map(int, one)) for one in re.findall(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", lasting)]
    begin, end = data.draw(st.sampled_from(ranges))
    place, bit = data.draw(st.integers(begin, end - 1)), data.draw(st.integers(0, 7))
    changed = lasting[:place] + bytes([lasting[place] ^ (1 << bit)]) + lasting[place + 1 :]
    assert archive.judged(changed).verdict is not Verdict.VALID


MEMORY = """
import dataclasses, re, sys
from pathlib import Path
from kernel.signing.consent import attach_consent
from tests.archive_kit import Archive
from tests.pki import NOW, agreed, evidence_for
archive = Archive(NOW)
archive.extended(archive.signed(agreed()))
document = Path(sys.argv[1]).read_bytes()
document = attach_consent(document, dataclasses.asdict(evidence_for(document)))
signed = archive.signed(document)
del document
status = Path("/proc/self/status")
Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
before = int(re.search(r"VmRSS:\\s+(\\d+)", status.read_text()).group(1))
done = archive.extended(signed)
print(done.level, int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1)) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the highest memory use on Linux only")
def test_a_scan_is_held_twice_at_most_itself_and_the_result(tmp_path: Path) -> None:
    size = 100_000_000
    write_scan(tmp_path / "bản quét.pdf", prepared(), size)
    run = [sys.executable, "-c", MEMORY, str(tmp_path / "bản quét.pdf")]
    said = subprocess.run(run, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    level, kilobytes = said.stdout.split()
    assert level == "B-LTA"
    assert int(kilobytes) * 1024 < size + 30_000_000, kilobytes


def test_how_long_each_state_lasts() -> None:
    archive = Archive(NOW)
    archive.tsa.life = 5 * YEAR
    signed = archive.signed(agreed(), signer=archive.signer(life=2 * YEAR))

    def lasts(pdf: bytes) -> tuple[object, bool]:
        found = lifetime(pdf, archive.trust, archive.clock.now)
        assert found is not None
        return found.until, found.stamped

    assert lasts(signed) == (NOW + 2 * YEAR, False)
    inside = archive.signed(agreed(), stamped=True)
    assert lasts(inside) == (NOW + 5 * YEAR, False)
    assert lasts(archive.extended(signed).pdf) == (NOW + 5 * YEAR, True)
    assert lifetime(draw(), archive.trust, NOW) is None
    with pytest.raises(NotPdf):
        lifetime(b"%PDF-1.7 no more", archive.trust, NOW)
