"""What is signed in the benchmarks: the project's own contract of 7 pages, and one with twice its general terms."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kernel.documents.drawing import draw, package_folder
from kernel.documents.sample import sample
from kernel.documents.stamp import Stamp, covered_left, draw_stamp
from kernel.signing.fields import with_signature_fields
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.api.documents import Document

FIELD = "ben_ban"
_ARTICLE = "\n[[row.article]]\n"


@dataclass(frozen=True, slots=True)
class Contract:
    """A drawn document with empty signature fields, and the stamp that fits the field `FIELD`."""

    pages: int
    pdf: bytes
    stamp: bytes


def contracts(folder: Path) -> tuple[Contract, Contract]:
    """Return the contract as it is, and the longer one, whose package is written into `folder`."""
    return _drawn(DOCUMENT), _drawn(_longer(folder))


def _drawn(document: Document) -> Contract:
    case = sample(document)
    drawn = draw(document, case.variant, case.values, case.setting)
    box = next(one for one in drawn.boxes if one.field == FIELD)
    others = [one for one in drawn.boxes if one is not box]
    look = Stamp(
        "person",
        box.width,
        box.height,
        "Trần Văn Đức",
        title="Phó Giám đốc",
        organisation="Điện lực Hoàn Kiếm",
        clear=covered_left(box, others),
    )
    return Contract(drawn.pages, with_signature_fields(drawn.pdf, drawn.boxes), draw_stamp(look))


def _longer(folder: Path) -> Document:
    """Return the contract with general terms of twice the length and more, as non-household contracts have them."""
    package = folder / "hop_dong_dai"
    shutil.copytree(package_folder(DOCUMENT), package, ignore=shutil.ignore_patterns("__pycache__"))
    terms = package / "general_terms.toml"
    head, *articles = terms.read_text("utf-8").split(_ARTICLE)
    wanted = [*articles, *articles, *articles[: len(articles) // 2]]
    terms.write_text(_ARTICLE.join([head, *wanted]), "utf-8")
    sys.path.append(str(folder))
    return replace(DOCUMENT, package=package.name)
