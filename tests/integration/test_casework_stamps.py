"""Stamps at work: the images of an administrator, the look of each slot, and a preview that is what will be signed."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader

from console.main import main
from console.practice.stamp_images import give_images, handwriting, practice_seal
from console.stamp_view import stamp_view
from kernel import clock
from kernel.casework.errors import NothingToSign
from kernel.casework.stamp_images import SEAL, add_image, images, remove_image
from kernel.casework.stamp_preview import preview_stamp, preview_stamp_pdf, sample_sheet
from kernel.casework.stamping import boxes_of
from kernel.documents.stamp_errors import ImageColour
from kernel.errors import BlobCorrupt, NotFound
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests.practice import CONTRACT
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.dossier.records import DossierDocument
    from kernel.signing.boxes import SignatureBox
    from tests.practice import Branch


def add(branch: Branch, staff: str, content: bytes) -> Any:
    return add_image(
        branch.office.engine, branch.office.blobs, unit=branch.office.unit, staff=staff, content=content,
        millimetres=None, by="trí",
    )  # fmt: skip


def remove(branch: Branch, staff: str) -> Any:
    return remove_image(branch.office.engine, unit=branch.office.unit, staff=staff, by="trí")


def page(pdf: bytes, number: int, scale: float = 2.0) -> Image.Image:
    """A page with its annotations, as a viewer shows it."""
    with pypdfium2.PdfDocument(pdf) as reader:
        reader.init_forms()
        found: Image.Image = reader[number - 1].render(scale=scale).to_pil().convert("RGB")
        return found


def in_box(pdf: bytes, box: SignatureBox, scale: float = 2.0) -> Image.Image:
    edges = (box.x, box.y, box.x + box.width, box.y + box.height)
    return page(pdf, box.page, scale).crop(tuple(round(edge * scale) for edge in edges))  # type: ignore[arg-type]  # four


def pdf_of(branch: Branch, document: DossierDocument) -> bytes:
    return branch.office.blobs.get(document.sha256)


def text_in(pdf: bytes, box: SignatureBox) -> str:
    """The words a stamp shows, read from its appearance."""
    reader = PdfFileReader(BytesIO(pdf))
    shown = next(one.get_object() for one in reader.root["/AcroForm"]["/Fields"] if one.get_object()["/T"] == box.field)
    return str(shown["/AP"]["/N"].data)


@pytest.mark.parametrize("image", [True, False])
def test_the_preview_is_what_the_signature_will_show(drawn: Branch, image: bool) -> None:
    if not image:
        for staff in ("duc", SEAL):
            remove(drawn, staff)
    drawn.clock.fixed = clock.now().replace(microsecond=0)
    document = drawn.agree(drawn.document(drawn.case_id))
    for field in ("ben_ban", "con_dau"):
        before = pdf_of(drawn, document)
        certificate = drawn.certificate(document).certificate.sha256
        shown = preview_stamp(drawn.office, document.id, certificate)
        assert (shown.slot.field, shown.box, shown.pages) == (field, boxes_of(document)[field], document.pages)
        pdf = preview_stamp_pdf(drawn.office, document.id, certificate)
        assert pdf.startswith(before)
        assert not any(one.field_name == field for one in PdfFileReader(BytesIO(pdf)).embedded_signatures)
        assert drawn.document(drawn.case_id) == document
        document = drawn.sign(document)
        signed = in_box(pdf_of(drawn, document), shown.box)
        assert ImageChops.difference(in_box(pdf, shown.box), signed).getbbox() is None
        assert ImageChops.difference(in_box(before, shown.box), signed).getbbox() is not None
        note = page(pdf, shown.box.page).crop((200, 0, 1000, 40))
        assert ImageChops.difference(note, page(before, shown.box.page).crop((200, 0, 1000, 40))).getbbox() is not None
    assert verify(pdf_of(drawn, document), drawn.office.trust).verdict is Verdict.VALID


def test_the_screen_is_told_what_and_where(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    certificate = drawn.certificate(document).certificate.sha256
    view = stamp_view(preview_stamp(drawn.office, document.id, certificate))
    assert view.words[0] == "Ký bởi: Phạm Quang Đức"
    assert view.picture is not None
    assert view.picture("vi") == "chữ ký tay 40 × 18 mm"
    assert (view.page, view.pages, view.millimetres) == (2, document.pages, (68.0, 30.0))
    assert len(view.others) == 2
    assert 0.5 < view.area.left < view.area.right < 1
    assert 0.5 < view.area.top < view.area.bottom < 1
    complete = drawn.sign(drawn.sign(document))
    with pytest.raises(NothingToSign) as over:
        preview_stamp(drawn.office, complete.id, certificate)
    said(over.value)


def test_a_finished_file_is_accepted_by_other_programs_and_its_stamps_are_as_pdf_a_wants_them(
    drawn: Branch, tmp_path: Path
) -> None:
    document = drawn.complete(drawn.case_id, CONTRACT)
    pdf = pdf_of(drawn, document)
    (tmp_path / "a.pdf").write_bytes(pdf)
    subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
    seen = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert seen.stdout.count("Signature is Valid") == 2
    text = subprocess.run(["pdftotext", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Ký bởi: Phạm Quang Đức" in text
    assert "+07:00" in text
    form = PdfFileReader(BytesIO(pdf)).root["/AcroForm"]
    assert "/NeedAppearances" not in form
    for field in (one.get_object() for one in form["/Fields"]):
        # ISO 19005-3, 6.3.3: print, not hidden, no other appearance than the normal one
        assert field["/F"] == 132
        assert set(field["/AP"]) == {"/N"}
    seal, hand = (in_box(pdf, boxes_of(document)[field], 4.0) for field in ("con_dau", "ben_ban"))
    assert has_colour(seal, lambda red, green, blue: red > 180 and green < 60 and blue < 80)
    assert has_colour(hand, lambda red, green, blue: blue > 140 and red < 60)
    # NĐ 30/2020, Phụ lục I: the seal lies over a third of the signature, from its left
    boxes = boxes_of(document)
    picture = in_box(pdf, boxes["ben_ban"], 4.0)
    red, _, blue_part = picture.split()
    ink = ImageChops.subtract(blue_part, red).point(lambda value: 255 if value > 60 else 0)
    box = ink.crop((0, 0, ink.width, ink.height * 3 // 5)).getbbox()  # letters further down have coloured rims
    assert box is not None
    left, _, right, _ = box
    edge = (boxes["con_dau"].x + boxes["con_dau"].width - boxes["ben_ban"].x) * 4
    assert (edge - left) / (right - left) == pytest.approx(1 / 3, abs=0.05)


def has_colour(image: Image.Image, is_it: Any) -> bool:
    return any(is_it(*colour) for _, colour in image.getcolors(1 << 22) or ())  # type: ignore[misc]  # an RGB image


def test_images_are_replaced_and_removed_and_every_change_is_in_the_audit_trail(drawn: Branch) -> None:
    office = drawn.office
    kept = images(office.engine, office.unit)
    assert [(one.staff, one.name) for one in kept] == [
        (SEAL, ""), ("duc", "Phạm Quang Đức"), ("huu", "Đinh Quốc Hữu"), ("khue", "Hoàng Thị Khuê"),
    ]  # fmt: skip
    added = add(drawn, "duc", handwriting("Ệ Ữ khác"))
    assert added.sha256 != kept[1].sha256
    assert len(images(office.engine, office.unit)) == 4
    assert remove(drawn, SEAL).sha256 == kept[0].sha256
    with pytest.raises(NotFound) as gone:
        remove(drawn, SEAL)
    said(gone.value)
    [*_, changed] = drawn.audit("stamp_image_added")
    assert (changed.actor, changed.subject, changed.facts["sha256"]) == ("trí", "duc", added.sha256)
    [removed] = drawn.audit("stamp_image_removed")
    assert (removed.subject, removed.facts["sha256"]) == (office.unit, kept[0].sha256)
    give_images(office.engine, office.blobs)
    again = images(office.engine, office.unit)
    assert (again[0].sha256, again[1].sha256) == (kept[0].sha256, added.sha256)


def test_what_is_refused_changes_nothing(drawn: Branch) -> None:
    before = images(drawn.office.engine, drawn.office.unit)
    with pytest.raises(NotFound) as nobody:
        add(drawn, "không-ai", handwriting("A"))
    said(nobody.value)
    with pytest.raises(ImageColour):
        add(drawn, "duc", practice_seal())
    assert images(drawn.office.engine, drawn.office.unit) == before


def test_an_image_that_was_tampered_with_is_never_shown(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    seal = images(drawn.office.engine, drawn.office.unit)[1]
    path = drawn.office.blobs.path(seal.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BlobCorrupt):
        drawn.sign(document)
    assert drawn.document(drawn.case_id) == document


def test_a_sample_shows_the_person_asked_for(drawn: Branch) -> None:
    pdf = sample_sheet(drawn.office, "huu")
    assert PdfFileReader(BytesIO(pdf)).embedded_signatures == []
    with pypdfium2.PdfDocument(pdf) as reader:
        count = len(reader)
    other = sample_sheet(drawn.office)
    # the sheet is the first document type that has both stamps, whichever that is here
    seen = [ImageChops.difference(page(pdf, number), page(other, number)) for number in range(1, count + 1)]
    assert [difference for difference in seen if difference.getbbox()]
    with pytest.raises(NotFound):
        sample_sheet(drawn.office, "không-ai")


def quaydien(branch: Branch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["--home", str(branch.home), "stamp", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command(drawn: Branch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, out = tmp_path / "chữ ký.svg", tmp_path / "mẫu.pdf"
    file.write_bytes(handwriting("Vũ Thị Diệu Ngà"))
    code, added, _ = quaydien(drawn, capsys, "add", str(file), "--person", "nga", "--mm", "32", "--json")
    assert (code, json.loads(added)["name"], json.loads(added)["width"]) == (0, "Vũ Thị Diệu Ngà", 32)
    code, listed, _ = quaydien(drawn, capsys, "list", "--json")
    assert [(one["kind"], one["staff"]) for one in json.loads(listed)] == [
        ("seal", ""), ("signature", "duc"), ("signature", "huu"), ("signature", "khue"), ("signature", "nga"),
    ]  # fmt: skip
    code, words, _ = quaydien(drawn, capsys, "list")
    assert "chữ ký tay của Vũ Thị Diệu Ngà · 32,0 × " in words
    code, _, refused = quaydien(drawn, capsys, "add", str(file), "--seal")
    assert code == 2
    assert "màu" in refused
    code, _, unread = quaydien(drawn, capsys, "add", str(tmp_path / "không có.png"), "--seal")
    assert code == 2
    assert "không có.png" in unread
    assert quaydien(drawn, capsys, "remove", "--person", "nga")[0] == 0
    assert quaydien(drawn, capsys, "remove", "--person", "nga")[0] == 2
    assert quaydien(drawn, capsys, "preview", str(out), "--person", "duc")[0] == 0
    assert out.read_bytes().startswith(b"%PDF-")
