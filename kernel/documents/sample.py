"""The made-up case every document's package ships: for previews, for checking a plugin, for tests."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kernel.api.forms import read_form
from kernel.documents.drawing import Setting, package_folder
from kernel.documents.errors import SampleBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value


@dataclass(frozen=True, slots=True)
class Sample:
    """What `draw` needs to draw a document once."""

    variant: str
    values: Mapping[str, Value]
    setting: Setting


def sample(document: Document, variant: str | None = None) -> Sample:
    """Return the package's case of a variant, of the first if none is named.

    A case has number, date, place, [branch] and [typed] values. It stands in `sample.VARIANT.toml`, for a document
    without variants in `sample.toml`. Raises TemplateBroken and SampleBroken.
    """
    variant = document.variants[0].id if variant is None else variant
    file = package_folder(document) / (f"sample.{variant}.toml" if variant else "sample.toml")
    try:
        case = tomllib.loads(file.read_text("utf-8"))
        number, day, place = (case[key] for key in ("number", "date", "place"))
        branch, typed = case["branch"], case["typed"]
    except (OSError, ValueError, KeyError) as problem:
        raise SampleBroken(document=document.title.vi, detail=repr(problem)) from problem
    fields = document.of(variant).fields
    form = read_form(fields, {name: _text(written) for name, written in typed.items()})
    wrong = [f"{finding.field} ({finding.code})" for finding in form.findings if finding.severity == "error"]
    unknown = sorted(set(typed) - {field.id for field in fields})
    if wrong or unknown or type(day) is not date:
        raise SampleBroken(document=document.title.vi, detail=", ".join([*wrong, *unknown]) or "date")
    return Sample(variant, form.values, Setting(branch=branch, number=number, date=day, place=place))


def _text(written: object) -> str:
    """Return what a clerk would type: a table stands in the case as a list of its rows."""
    if isinstance(written, list):
        return "\n".join("\t".join(map(str, row)) for row in written)
    return str(written)
