"""Plugins: a broken one is listed with its reason, and the others work."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from kernel.errors import PluginUnusable
from kernel.registry import GROUPS, Registry
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.registry import Plugin

HEAD = """
from dataclasses import replace
from kernel.api.documents import Document
from plugins.services.cap_dien_ha_ap import SERVICE as REAL
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT as CONTRACT
from plugins.documents.bien_ban_treo_thao import DOCUMENT as MINUTES
from kernel.api.conditions import When
from kernel.api.services import Draw
def computing(formula):
    first = REAL.sections[0]
    fields = (*first.fields, replace(first.fields[0], id='tinh', formula=formula))
    return replace(REAL, id='la', sections=(replace(first, fields=fields), *REAL.sections[1:]))
def one_step(**changes):
    return replace(REAL, id='la', steps=(replace(REAL.steps[-1], **changes),))
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.syspath_prepend(tmp_path)
    return Loader(tmp_path)


class Loader:
    """Registries over plugins written for a test: `services` and `documents` map an id to an expression."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, disabled: frozenset[str] = frozenset(), /, **plugins: dict[str, str]) -> Registry:
        found: dict[str, list[EntryPoint]] = {group: [] for group, _ in GROUPS.values()}
        for kind, group in (("service", GROUPS["service"][0]), ("document", GROUPS["document"][0])):
            for number, (name, code) in enumerate(plugins.get(f"{kind}s", {}).items()):
                module = f"cua_nguoi_la_{self.folder.name.replace('-', '_')}_{kind}_{number}"
                text = code if code.startswith("raise") else f"{HEAD}\nPLUGIN = {code}\n"
                (self.folder / f"{module}.py").write_text(text, "utf-8")
                found[group].append(EntryPoint(name.rstrip("+"), f"{module}:PLUGIN", group))
        return Registry.discover(disabled, lambda group: tuple(found[group]))


DOCUMENTS = {"hop_dong_mua_ban_dien": "CONTRACT", "bien_ban_treo_thao": "MINUTES"}
GOOD = {"cap_dien_ha_ap": "REAL"}


def one(registry: Registry, plugin_id: str) -> Plugin:
    return next(plugin for plugin in registry.plugins if plugin.id == plugin_id)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("raise RuntimeError('thiếu thư viện')", "broken", "RuntimeError: thiếu thư viện"),
        ("raise BaseException('lạ')", "broken", "lạ"),
        ("không_có", "broken", "NameError"),
        ("{'id': 'la'}", "broken", "is not a Service"),
        ("CONTRACT", "broken", "is not a Service"),
        ("replace(REAL, id='la', api=2)", "wrong_api", "api 2"),
        ("replace(REAL, id='khac')", "broken", "declares id khac"),
        ("one_step(draws=(Draw('lạ'),))", "broken", "document lạ is not usable"),
        ("one_step(draws=('lạ',))", "broken", "not a Draw"),
        ("one_step(draws=(Draw('hop_dong_mua_ban_dien', 'lạ'),))", "broken", "no variant lạ"),
        ("one_step(draws=(Draw('bien_ban_treo_thao', when=When('khong_co', ('x',))),))", "broken", "field khong_co"),
        ("replace(REAL, id='la', sections=REAL.sections[1:])", "broken", "section khach_hang"),
        ("replace(REAL, id='la', steps=REAL.steps[:-1])", "broken", "step ket_thuc"),
        ("replace(REAL, id='la', sections=None)", "broken", "declaration"),
        ("computing('cong_suat * khong_co')", "broken", "field khong_co"),
        ("computing('sum(cong_suat.x)')", "broken", "field cong_suat.x"),
        ("computing('open(cong_suat)')", "broken", "declaration: open(cong_suat)"),
        ("replace(REAL, id='la', variants=())", "broken", "variant"),
    ],
)
def test_a_broken_service_is_listed_and_the_others_work(load: Loader, code: str, state: str, reason: str) -> None:
    registry = load(services={**GOOD, "la": code}, documents=DOCUMENTS)
    broken = one(registry, "la")
    assert (broken.state, broken.declaration) == (state, None)
    assert reason in broken.reason
    assert [service.id for service in registry.services()] == ["cap_dien_ha_ap"]
    with pytest.raises(PluginUnusable) as unusable:
        registry.service("la")
    assert "«la»" in said(unusable.value)


def test_a_field_the_document_needs_is_missing(load: Loader) -> None:
    less = "replace(REAL, id='la', sections=tuple(replace(s, fields=s.fields[1:]) for s in REAL.sections))"
    broken = one(load(services={**GOOD, "la": less}, documents=DOCUMENTS), "la")
    assert broken.state == "broken"
    assert "needs" in broken.reason
    assert "so_giay_to" in broken.reason


def test_without_its_document_a_service_is_broken(load: Loader) -> None:
    registry = load(services=GOOD, documents={**DOCUMENTS, "bien_ban_treo_thao": "raise OSError('đĩa')"})
    assert one(registry, "bien_ban_treo_thao").state == "broken"
    assert "bien_ban_treo_thao" in one(registry, "cap_dien_ha_ap").reason
    assert registry.services() == ()
    assert list(registry.documents()) == ["hop_dong_mua_ban_dien"]


def test_disabled_ones_are_listed_and_never_imported(load: Loader) -> None:
    registry = load(frozenset({"la"}), services={**GOOD, "la": "raise RuntimeError('x')"}, documents=DOCUMENTS)
    assert one(registry, "la").state == "disabled"
    with pytest.raises(PluginUnusable) as off:
        registry.service("la")
    said(off.value)


def test_an_id_registered_twice(load: Loader) -> None:
    registry = load(
        services={**GOOD, "la": "replace(REAL, id='la')", "la+": "replace(REAL, id='la')"}, documents=DOCUMENTS
    )
    assert [plugin.state for plugin in registry.plugins if plugin.id == "la"] == ["duplicate", "duplicate"]
    assert [service.id for service in registry.services()] == ["cap_dien_ha_ap"]


def test_what_is_not_installed(load: Loader) -> None:
    registry = load()
    for ask in (registry.service, lambda name: registry.document(name, ""), registry.adapter):
        with pytest.raises(PluginUnusable) as missing:
            ask("không có")
        assert "không có" in said(missing.value)


def test_an_interrupt_is_not_swallowed(load: Loader) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(services={"la": "raise KeyboardInterrupt"})
