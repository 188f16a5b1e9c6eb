"""Typst, kept warm: one compiler a template, one lock a compiler, the same fonts for the same choice."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

FontChoice = Literal["machine", "built-in"]
"""`machine`: Times New Roman or a metric twin, where one with all Vietnamese letters is installed, else as `built-in`.
`built-in`: Libertinus Serif, the same everywhere."""

BUILT_IN = "Libertinus Serif"
TIMES = ("Times New Roman", "Tinos", "Liberation Serif", "TeX Gyre Termes")
TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Huyền, hỏi, ngã, sắc, nặng as combining marks."""
LIBRARY = Path(str(files("kernel.documents") / "typst"))

_REFUSED_TEXT = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


class LettersRefused(Exception):
    """Letters that none of the fonts has; `letters` holds them."""

    def __init__(self, letters: str) -> None:
        super().__init__(letters)
        self.letters = letters


class SourceRefused(Exception):
    """The template does not compile, in the compiler's own words."""


@cache
def _fonts(choice: FontChoice) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=choice == "machine", include_embedded_fonts=True)


@cache
def _has_vietnamese(family: str, choice: FontChoice) -> bool:
    """Whether the family prints every Vietnamese letter: Liberation Serif does not, and mixed fonts look forged."""
    vowels = (vowel + tone for vowel in "aăâeêioôơuưy" for tone in ("", *TONES))
    letters = unicodedata.normalize("NFC", "đ" + "".join(vowels))
    page = (
        f'#set text(font: "{family}", fallback: false)\n#set document(date: datetime(year: 2026, month: 1, day: 1))\n'
    )
    trial = page + "".join(f"#text(weight: {weight})[{letters} {letters.upper()}]" for weight in (400, 700))
    try:
        typst.compile(trial.encode(), font_paths=_fonts(choice), format="pdf", pdf_standards="a-3b")
    except RuntimeError:
        return False
    return True


@cache
def families(choice: FontChoice) -> tuple[str, ...]:
    """Return the font families to set text in, best first. The last one is built in and has every Vietnamese letter."""
    there = set(_fonts(choice).families())
    times = (family for family in TIMES if choice == "machine" and family in there and _has_vietnamese(family, choice))
    return (*islice(times, 1), BUILT_IN)


class Press:
    """A template that is compiled again and again. Safe to use from several threads."""

    def __init__(self, template: Path, choice: FontChoice, tagged: bool) -> None:
        self._template = template
        self._tagged = tagged
        self._lock = Lock()
        self._compiler = typst.Compiler(
            template,
            root=template.parent,
            font_paths=_fonts(choice),
            ignore_system_fonts=True,
            package_path=LIBRARY,
            package_cache_path=LIBRARY,
        )

    def run(self, data: Mapping[str, Any], *labels: str) -> tuple[bytes, dict[str, list[Any]]]:
        """Return the PDF/A-3b made of `data`, and for each label the metadata the template left under it.

        The same data gives the same bytes: nothing of the present moment goes in.
        Raises LettersRefused and SourceRefused.
        """
        with self._lock:
            try:
                pdf = self._compiler.compile(
                    format="pdf",
                    pdf_standards="a-3b",
                    pdf_tags=self._tagged,
                    sys_inputs={"data": json.dumps(data)},
                )
                found = {label: json.loads(self._compiler.query(f"<{label}>", field="value")) for label in labels}
            except RuntimeError as refusal:
                raise _reason(refusal) from refusal
        if not isinstance(pdf, bytes):
            raise SourceRefused(f"{self._template.name}: no single PDF")
        return pdf, found


@cache
def press(template: Path, choice: FontChoice, *, tagged: bool = True) -> Press:
    """Return the warm press of a template file."""
    return Press(template, choice, tagged)


def _reason(refusal: RuntimeError) -> Exception:
    letters = _REFUSED_TEXT.search(str(refusal))
    if letters:
        return LettersRefused(letters[1])
    return SourceRefused(str(getattr(refusal, "diagnostic", "") or refusal).strip())
