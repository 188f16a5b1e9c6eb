"""A document's declaration and a dossier's values become a PDF, its signature boxes and the places of its values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2

from kernel.api.fields import Kind
from kernel.api.text import nfc
from kernel.documents import wording
from kernel.documents.errors import BoxMissing, MissingGlyph, TemplateBroken, VariantUnknown
from kernel.documents.letters import named, unprintable
from kernel.documents.printing import code, date_in_words, in_words, printed, printed_rows, row_codes
from kernel.documents.typesetting import FontChoice, LettersRefused, SourceRefused, families, press
from kernel.signing.boxes import SignatureBox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value


@dataclass(frozen=True, slots=True)
class Setting:
    """What a document takes from the branch and the moment, not from the dossier.

    `branch` holds party A's lines (don_vi, tong_cong_ty, tru_so, dia_chi_giao_dich, ma_so_thue, so_tai_khoan,
    ngan_hang, dien_thoai, email, cskh, website, dai_dien, chuc_vu, van_ban_uy_quyen, ngay_uy_quyen, nguoi_uy_quyen,
    chuc_vu_nguoi_uy_quyen, ten_cong_ty …); a line that is not there is printed as dots. `number` is the document's
    number, `date` its date (the wording in force is chosen by it), `place` the địa danh before the date.
    """

    branch: Mapping[str, str]
    number: str
    date: date
    place: str
    fonts: FontChoice = "machine"


@dataclass(frozen=True, slots=True)
class PlacedValue:
    """A value of the dossier as printed, and where the template set it, in PDF points from the page's top-left corner.

    The place is the baseline of its first letter; in a table cell the top of the line; for a value that opens a line
    the end of the line before.
    """

    field: str
    text: str
    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn document. `boxes` stand in signing order, `placed` in the order of the template."""

    pdf: bytes
    pages: int
    boxes: tuple[SignatureBox, ...]
    placed: tuple[PlacedValue, ...]


def draw(document: Document, variant: str, values: Mapping[str, Value], setting: Setting) -> Drawn:
    """Draw `document` as PDF/A-3b. The same arguments give the same bytes.

    Values of fields the document does not declare are ignored; a declared field without a value is printed blank.
    Text is normalised to NFC. Raises VariantUnknown, MissingGlyph, TemplateBroken, BoxMissing, WordingMissing and
    WordingBroken.
    """
    try:
        document = document.of(variant)
    except KeyError:
        raise VariantUnknown(document=document.title.vi, variant=variant) from None
    folder = package_folder(document)
    shown = {field.id: printed(field, values.get(field.id)) for field in document.fields}
    tables = [field for field in document.fields if field.kind is Kind.TABLE]
    rows = {field.id: printed_rows(field, values.get(field.id)) for field in tables}
    branch = {key: nfc(line) for key, line in setting.branch.items()}
    written = {field.id: " ".join(cell for row in rows[field.id] for cell in row.values()) for field in tables}
    lines = {**branch, **shown, **written, "number": setting.number, "place": setting.place}
    _refuse_unprintable(document, lines)
    data = {
        "fonts": families(setting.fonts),
        "variant": variant,
        "values": shown,
        "long": {field.id: _long(values.get(field.id)) for field in document.fields},
        "codes": {field.id: code(values.get(field.id)) for field in document.fields},
        "words": {field.id: in_words(field, values.get(field.id)) for field in document.fields},
        "rows": rows,
        "row_codes": {field.id: row_codes(field, values.get(field.id)) for field in tables},
        "branch": branch,
        "number": nfc(setting.number),
        "place": nfc(setting.place),
        "date": {
            "day": setting.date.day,
            "month": setting.date.month,
            "year": setting.date.year,
            "words": date_in_words(setting.date),
        },
        "data": {file.stem: wording.in_force(file, setting.date) for file in data_files(document)},
    }
    try:
        pdf, found = press(folder / document.template, setting.fonts).run(data, "sig", "value")
    except LettersRefused as refusal:
        raise _missing(document, refusal.letters, lines) from refusal
    except SourceRefused as refusal:
        raise TemplateBroken(document=document.title.vi, detail=str(refusal)) from refusal
    return Drawn(
        pdf=pdf,
        pages=_count(pdf),
        boxes=_boxes(document, found["sig"]),
        placed=tuple(PlacedValue(**value) for value in found["value"]),
    )


def package_folder(document: Document) -> Path:
    """Return the folder of the document's package. Raises TemplateBroken where it or the template is missing."""
    try:
        folder = files(document.package)
    except ModuleNotFoundError as problem:
        raise TemplateBroken(document=document.title.vi, detail=str(problem)) from problem
    if not isinstance(folder, Path) or not (folder / document.template).is_file():
        raise TemplateBroken(document=document.title.vi, detail=f"{document.package}: no {document.template}")
    return folder


def data_files(document: Document) -> tuple[Path, ...]:
    """Return the dated files the document is printed with. Raises TemplateBroken."""
    folder = package_folder(document)
    return tuple(wording.located(name, folder) for name in document.data)


def _long(value: Value | None) -> str:
    return date_in_words(value) if isinstance(value, date) else ""


def _boxes(document: Document, found: list[dict[str, Any]]) -> tuple[SignatureBox, ...]:
    boxes = {box["field"]: SignatureBox(**box) for box in found}
    wanted = [slot.field for slot in document.slots]
    if sorted(box["field"] for box in found) != sorted(wanted):
        names = sorted({box["field"] for box in found} ^ set(wanted)) or sorted(wanted)
        raise BoxMissing(document=document.title.vi, fields=", ".join(names))
    return tuple(boxes[field] for field in wanted)


def _count(pdf: bytes) -> int:
    reader = pypdfium2.PdfDocument(pdf)
    try:
        return len(reader)
    finally:
        reader.close()


def _refuse_unprintable(document: Document, lines: Mapping[str, str]) -> None:
    for line in lines.values():
        if letters := unprintable(line):
            raise _missing(document, letters, lines)


def _missing(document: Document, letters: str, lines: Mapping[str, str]) -> MissingGlyph:
    labels = {field.id: field.label.vi for field in document.fields}
    where = next((labels.get(key, key) for key, line in lines.items() if letters[0] in line), document.title.vi)
    return MissingGlyph(document=document.title.vi, field=where, letters=named(letters))
