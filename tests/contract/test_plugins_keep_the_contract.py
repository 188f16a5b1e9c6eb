"""Every plugin of the project is what `kernel.api` says a plugin is, and the folders hold nothing that is not one."""

from __future__ import annotations

import tomllib
import unicodedata
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.api.fields import Kind
from kernel.api.reading import read, restore, shown, stored
from kernel.api.services import Draw, Service
from kernel.documents.drawing import data_files
from kernel.registry import GROUPS, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kernel.api.documents import Document
    from kernel.api.fields import Field
    from kernel.api.text import Text

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED: dict[str, dict[str, str]] = PROJECT["entry-points"]
REGISTRY = Registry.discover()
SERVICES = REGISTRY.services()
DOCUMENTS = tuple(REGISTRY.documents().values())
FORMS = {(form.id, form.variants[0].id): form for document in DOCUMENTS for form in document.forms()}


def test_every_declared_plugin_loads() -> None:
    wanted = {(group, name) for group, plugins in DECLARED.items() for name in plugins}
    ours = [plugin for plugin in REGISTRY.plugins if plugin.distribution == PROJECT["name"]]
    assert {(GROUPS[plugin.kind][0], plugin.id) for plugin in ours} == wanted
    assert {plugin.id: plugin.reason for plugin in ours if plugin.state != "ok"} == {}
    assert {plugin.version for plugin in ours} == {PROJECT["version"]}


def test_the_folders_are_what_is_declared() -> None:
    services = {path.stem for path in (ROOT / "plugins/services").glob("*.py")}
    documents = {path.parent.name for path in (ROOT / "plugins/documents").glob("*/__init__.py")}
    assert services == set(DECLARED["quaydien.services.v1"])
    assert documents == set(DECLARED["quaydien.documents.v1"])
    for group, folder in (("quaydien.services.v1", "services"), ("quaydien.documents.v1", "documents")):
        for name, value in DECLARED[group].items():
            module, _, attribute = value.partition(":")
            assert module == f"plugins.{folder}.{name}"
            assert getattr(import_module(module), attribute).id == name


def test_a_stranger_can_add_to_the_plugin_folders() -> None:
    """Namespace packages: a file `__init__.py` would hide the plugins of other distributions."""
    for folder in ("plugins", "plugins/services", "plugins/documents"):
        assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize(
    ("service", "draw"),
    [(service, draw) for service in SERVICES for draw in service.draws()],
    ids=lambda one: one.id if isinstance(one, Service) else f"{one.document}-{one.variant}",
)
def test_a_service_holds_what_its_documents_print(service: Service, draw: Draw) -> None:
    document = FORMS[draw.document, draw.variant]
    fields = {field.id: field for field in service.fields()}
    required = {draw.source(field.id) for field in document.fields if field.required}
    assert required <= set(fields)
    # the same field means the same in both
    for field in document.fields:
        if draw.source(field.id) in fields:
            assert fields[draw.source(field.id)].kind is field.kind, field.id
    if document.number_field:
        assert document.number_field in fields
        assert not fields[document.number_field].required, "a number is given, never asked for"


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.id)
def test_a_service_is_whole(service: Service) -> None:
    usable = {document.id for document in DOCUMENTS}
    assert service.documents
    assert set(service.documents) <= usable
    fields = service.fields()
    assert len({field.id for field in fields}) == len(fields)
    sections = [name for step in service.steps for name in step.sections]
    assert sorted(sections) == sorted(section.id for section in service.sections), "each section is filled in one step"
    _every_step_is_reached(service)
    assert len({step.cmis_code for step in service.steps}) == len(service.steps)
    assert service.cmis_types
    assert sorted(service.deadlines, key=lambda row: row.valid_from) == list(service.deadlines)
    newest = max(row.valid_from for row in service.deadlines)
    assert any(row.when is None for row in service.deadlines if row.valid_from == newest), "a target for every case"
    numbers = [FORMS[draw.document, draw.variant].number_field for draw in service.draws()]
    documents = dict(zip(numbers, (draw.document for draw in service.draws()), strict=True))
    assert len(documents) == len(set(service.documents)), "two documents would share one number"


def _every_step_is_reached(service: Service) -> None:
    seen: set[str] = set()
    waiting = [service.steps[0].id]
    while waiting:
        step = service.step(waiting.pop())
        if step.id not in seen:
            seen.add(step.id)
            waiting += step.next
    assert seen == {step.id for step in service.steps}
    assert [step.id for step in service.steps if not step.next], "a step that ends the dossier"


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.id)
def test_documents_are_drawn_after_their_fields(service: Service) -> None:
    """What a document needs is asked in the step that draws it or before."""
    sections = {section.id: section for section in service.sections}
    known: set[str] = set()
    for step in service.steps:
        known |= {field.id for name in step.sections for field in sections[name].fields}
        for draw in step.draws:
            document = FORMS[draw.document, draw.variant]
            needed = {draw.source(field.id) for field in document.fields if field.required}
            assert needed <= known, f"{step.id} draws {document.id}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.id)
def test_a_document_is_whole(document: Document) -> None:
    folder = Path(import_module(document.package).__path__[0])
    assert (folder / document.template).is_file()
    for form in document.forms():
        for file in data_files(form):
            assert tomllib.loads(file.read_text("utf-8"))["row"]
    purposes = [slot.purpose for slot in document.slots]
    assert len({slot.field for slot in document.slots}) == len(document.slots)
    assert Purpose.SEAL not in purposes[:-1], "the seal is the last"
    assert Purpose.CUSTOMER not in purposes[1:], "what the customer agrees to is the first revision"
    assert all((slot.role is None) == (slot.purpose is Purpose.CUSTOMER) for slot in document.slots)
    assert document.cmis_type
    assert document.variants


FIELDS = {
    **{(service.id, field.id): field for service in SERVICES for field in service.fields()},
    **{(document.id, field.id): field for document in DOCUMENTS for field in document.fields},
}


@pytest.mark.parametrize("field", list(FIELDS.values()), ids=["-".join(key) for key in FIELDS])
def test_a_field_is_whole(field: Field) -> None:
    assert (field.kind is Kind.CHOICE) == bool(field.choices)
    assert len({choice.code for choice in field.choices}) == len(field.choices)
    for choice in field.choices:
        for typed in (choice.code, choice.label.vi, choice.label.en):
            assert read(field, typed).value == choice.code, typed
    if field.default:
        value = read(field, field.default).value
        assert value is not None, field.default
        assert restore(field, stored(value)) == value
        assert read(field, shown(field, value)).value == value
    assert field.id.isascii()
    assert all(one.count(".") == 1 for one in field.source.split(", ") if field.source and field.kind is not Kind.TABLE)


def _texts() -> Iterator[Text]:
    for service in SERVICES:
        yield service.title
        yield from (variant.title for variant in service.variants)
        yield from (section.title for section in service.sections)
        yield from (step.title for step in service.steps)
        yield from (paper.title for paper in service.papers)
        for step in service.steps:
            yield from (obstacle.title for obstacle in step.obstacles)
    for document in DOCUMENTS:
        yield document.title
        yield from (slot.title for slot in document.slots)
    for field in FIELDS.values():
        yield field.label
        yield field.help


def test_every_word_is_there_in_both_languages() -> None:
    for text in _texts():
        for words in (text.vi, text.en):
            assert words == words.strip()
            assert words
            assert unicodedata.is_normalized("NFC", words)


def test_services_are_told_apart() -> None:
    keys = [service.hotkey for service in SERVICES if service.hotkey]
    assert len(set(keys)) == len(keys)
    ways = [(kind, variant.cmis) for service in SERVICES for kind in service.cmis_types for variant in service.variants]
    assert len(set(ways)) == len(ways)


def test_a_field_means_the_same_in_every_document() -> None:
    """A service that draws several documents holds each field once."""
    meanings: dict[str, dict[tuple[object, ...], str]] = {}
    for form in FORMS.values():
        for field in form.fields:
            columns = tuple((column.id, column.kind, column.unit) for column in field.columns)
            meaning = (field.kind, field.unit, field.formula, columns)
            meanings.setdefault(field.id, {}).setdefault(meaning, form.id)
    assert {name: list(found.values()) for name, found in meanings.items() if len(found) > 1} == {}
