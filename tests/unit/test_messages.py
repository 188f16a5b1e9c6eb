"""The message catalogue: both languages say the same things, and every error has its words."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
import tomllib
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING, get_args

import pytest

import adapters
import console
import kernel
from kernel.api.errors import QuayDienError
from kernel.api.messages import message
from kernel.api.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LANGUAGES: tuple[Language, ...] = get_args(Language)
FOLDER = files("kernel.api.messages")
AREAS = sorted(file.name.removesuffix(".toml") for file in FOLDER.joinpath("vi").iterdir())


def entries(area: str, language: Language) -> dict[str, str]:
    def flat(table: dict[str, object], prefix: str) -> Iterator[tuple[str, str]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}.")
            else:
                assert isinstance(value, str), f"{area}.{prefix}{key}"
                yield f"{prefix}{key}", value

    return dict(flat(tomllib.loads(FOLDER.joinpath(language, f"{area}.toml").read_text("utf-8")), ""))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def every_module(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith(("__main__", ".env")) and ".versions" not in found.name:
            yield found.name


def every_error() -> list[type[QuayDienError]]:
    for package in (kernel, adapters, console):
        for name in every_module(package):
            if name not in {"kernel.tokens.signer", "kernel.tokens.watch"}:
                importlib.import_module(name)
    known: list[type[QuayDienError]] = []
    waiting = [QuayDienError]
    while waiting:
        children = waiting.pop().__subclasses__()
        known += children
        waiting += children
    return sorted(
        (one for one in known if one.__module__.startswith(("kernel.", "adapters.", "console."))),
        key=lambda one: one.code,
    )


ERRORS = every_error()


def test_both_languages_have_the_same_areas() -> None:
    assert sorted(file.name.removesuffix(".toml") for file in FOLDER.joinpath("en").iterdir()) == AREAS


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_keys_and_placeholders(area: str) -> None:
    vi, en = entries(area, "vi"), entries(area, "en")
    assert set(vi) == set(en)
    assert {key: placeholders(text) for key, text in vi.items()} == {
        key: placeholders(text) for key, text in en.items()
    }


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_composed_and_tidy(area: str, language: Language) -> None:
    for key, text in entries(area, language).items():
        assert unicodedata.is_normalized("NFC", text), key
        assert text == text.strip(), key
        assert text, key
        assert "  " not in text, key


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_has_its_words(kind: type[QuayDienError]) -> None:
    for language in LANGUAGES:
        table = entries(kind.code.split(".")[0], language)
        name = kind.code.partition(".")[2]
        for part in ("title", "cause", "advice"):
            assert table.get(f"{name}.{part}"), f"{kind.code}.{part} in {language}"


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_placeholder_is_a_documented_fact(kind: type[QuayDienError]) -> None:
    """The class, or the one it comes from, names its facts: `Facts: path, detail (text).`"""
    area, _, name = kind.code.partition(".")
    table = entries(area, "vi")
    needed = {fact for part in ("title", "cause", "advice") for fact in placeholders(table[f"{name}.{part}"])}
    words = " ".join(one.__doc__ or "" for one in kind.__mro__ if issubclass(one, QuayDienError))
    documented = " ".join(re.findall(r"Facts: (.*?)(?:\.|;|$)", words, re.DOTALL))
    assert needed <= set(re.findall(r"[a-z_0-9]+", documented)), f"{kind.__name__}: {needed}"


def test_codes_are_unique() -> None:
    codes = [one.code for one in ERRORS]
    assert sorted(set(codes)) == codes


def test_a_fact_in_two_languages() -> None:
    from kernel.errors import NotFound

    error = NotFound(what=Text("hồ sơ", "dossier"), id="7")
    assert "hồ sơ" in error.diagnosis("vi").title
    assert "dossier" in error.diagnosis("en").title


def test_customer_text_in_a_fact_is_not_a_template() -> None:
    from kernel.errors import NotFound

    words = NotFound(what="{id} [b]đậm[/b] %s", id="{what}").diagnosis("vi")
    assert "{id} [b]đậm[/b] %s" in words.title
    assert "«{what}»" in words.cause


def test_an_unknown_key_is_a_key_error() -> None:
    for key in ("không.có", "storage.không_có.title", "storage.not_found", "storage"):
        with pytest.raises(KeyError):
            message(key, "vi")
