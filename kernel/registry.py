"""Plugins: found through entry points, loaded one by one, each with a state a person can read.

Discovery reads installed metadata only. A plugin that can't be loaded is listed with its reason; the rest work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Literal, TypeVar

from kernel.api import API_VERSION
from kernel.api.conditions import VARIANT
from kernel.api.documents import Document
from kernel.api.fields import Field
from kernel.api.formulas import FormulaError, names
from kernel.api.ports import Adapter
from kernel.api.services import Draw, Service
from kernel.errors import PluginUnusable

PluginKind = Literal["service", "document", "adapter"]
PluginState = Literal["ok", "broken", "wrong_api", "disabled", "duplicate"]
Declaration = Service | Document | Adapter
D = TypeVar("D", Service, Document, Adapter)

GROUPS: Mapping[PluginKind, tuple[str, type[Declaration]]] = {
    "service": (f"quaydien.services.v{API_VERSION}", Service),
    "document": (f"quaydien.documents.v{API_VERSION}", Document),
    "adapter": (f"quaydien.adapters.v{API_VERSION}", Adapter),
}


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point and what became of it. `declaration` is None unless the state is `ok`."""

    kind: PluginKind
    id: str
    distribution: str
    version: str
    state: PluginState
    reason: str = ""
    declaration: Declaration | None = None


def _listed(kind: PluginKind, entry: EntryPoint) -> Plugin:
    """Return an entry point as its metadata tells of it, nothing imported."""
    dist = entry.dist
    return Plugin(kind, entry.name, dist.name if dist else "", dist.version if dist else "", "ok")


def _load(kind: PluginKind, entry: EntryPoint) -> Plugin:
    plugin = _listed(kind, entry)
    expected = GROUPS[kind][1]
    try:
        declaration = entry.load()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # whatever a stranger's module raises is its own reason
        return replace(plugin, state="broken", reason=f"{type(error).__name__}: {error}")
    if not isinstance(declaration, expected):
        return replace(plugin, state="broken", reason=f"{entry.value} is not a {expected.__name__}")
    if declaration.api != API_VERSION:
        return replace(plugin, state="wrong_api", reason=f"api {declaration.api}, this console has {API_VERSION}")
    if isinstance(declaration, Service) and (wrong := _contradiction(declaration)):
        return replace(plugin, state="broken", reason=wrong)
    if declaration.id != entry.name:
        return replace(plugin, state="broken", reason=f"declares id {declaration.id}, registered as {entry.name}")
    return replace(plugin, declaration=declaration)


def _contradiction(service: Service) -> str:
    """Return what a service names and does not have, empty when it is sound."""
    try:
        if not all(isinstance(draw, Draw) for draw in service.draws()):
            return "draws something that is not a Draw"
        sections, steps = {one.id for one in service.sections}, {one.id for one in service.steps}
        wanted = [
            *(("section", name) for step in service.steps for name in step.sections if name not in sections),
            *(("step", name) for step in service.steps for name in step.next if name not in steps),
            *(("step", step.not_by) for step in service.steps if step.not_by and step.not_by not in steps),
            *(("field", name) for name in sorted(_asked(service)) if name not in _answered(service)),
            *(("field", name) for field in service.fields() for name in _uncomputable(field, _answered(service))),
        ]
        if not service.steps or not service.variants:
            return "declares no step or no variant"
    except (AttributeError, TypeError, FormulaError) as error:
        return f"declaration: {error}"
    return f"names {', '.join(f'{kind} {name}' for kind, name in wanted)}, which it does not have" if wanted else ""


def _asked(service: Service) -> set[str]:
    """Return the fields that the service's conditions look at."""
    conditions = [
        *(field.when for field in service.fields()),
        *(paper.when for paper in service.papers),
        *(deadline.when for deadline in service.deadlines),
        *(condition for step in service.steps for condition in (step.when, step.blocked_by)),
        *(draw.when for draw in service.draws()),
    ]
    return {name for condition in conditions if condition is not None for name in condition.asks()}


def _answered(service: Service) -> set[str]:
    """Return what conditions and formulas may look at: fields, the variant, and columns as `table.column`."""
    fields = service.fields()
    return {
        VARIANT,
        *(field.id for field in fields),
        *(f"{field.id}.{one.id}" for field in fields for one in field.columns),
    }


def _uncomputable(field: Field, answered: set[str]) -> list[str]:
    """Return what the formulas of a field and its columns look at and nobody answers. Raises FormulaError."""
    own = {column.id for column in field.columns}
    wanted = names(field.formula) if field.formula else frozenset[str]()
    of_row = frozenset[str]().union(*(names(column.formula) for column in field.columns if column.formula))
    return sorted((wanted - answered) | (of_row - answered - own))


def _unserved(plugin: Plugin, documents: Mapping[str, Document]) -> Plugin:
    """Return a service as broken when a document it names is missing or asks for a field it does not have."""
    service = plugin.declaration
    if not isinstance(service, Service):
        return plugin
    held = {field.id for field in service.fields()}
    for draw in service.draws():
        reason = _lacking(draw, documents.get(draw.document), held)
        if reason:
            return replace(plugin, state="broken", reason=reason, declaration=None)
    return plugin


def _lacking(draw: Draw, document: Document | None, held: Collection[str]) -> str:
    """Return what keeps a document from being drawn out of the fields `held`, empty when nothing does."""
    if document is None:
        return f"document {draw.document} is not usable"
    try:
        form = document.of(draw.variant)
    except KeyError:
        return f"document {draw.document} has no variant {draw.variant or '–'}"
    missing = [draw.source(field.id) for field in form.fields if field.required and draw.source(field.id) not in held]
    return f"document {draw.document} needs {', '.join(missing)}" if missing else ""


class Registry:
    """All plugins of this installation, each loaded once."""

    def __init__(self, plugins: tuple[Plugin, ...]) -> None:
        self.plugins = plugins

    @classmethod
    def discover(
        cls,
        disabled: frozenset[str] = frozenset(),
        found: Callable[[str], tuple[EntryPoint, ...]] | None = None,
    ) -> Registry:
        """Load every registered plugin; `disabled` ids are only listed. `found` stands in for the metadata."""
        look = found or (lambda group: tuple(entry_points(group=group)))
        plugins: list[Plugin] = []
        for kind, (group, _) in GROUPS.items():
            entries = look(group)
            taken = Counter(entry.name for entry in entries)
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name in disabled:
                    plugins.append(replace(_listed(kind, entry), state="disabled", reason="disabled in the settings"))
                elif taken[entry.name] > 1:
                    owners = sorted(e.dist.name for e in entries if e.name == entry.name and e.dist)
                    reason = f"registered by {', '.join(owners)}"
                    plugins.append(replace(_listed(kind, entry), state="duplicate", reason=reason))
                else:
                    plugins.append(_load(kind, entry))
        documents = {p.id: p.declaration for p in plugins if isinstance(p.declaration, Document)}
        return cls(tuple(_unserved(plugin, documents) for plugin in plugins))

    def _declaration(self, kind: PluginKind, plugin_id: str, expected: type[D]) -> D:
        for plugin in self.plugins:
            if (plugin.kind, plugin.id) == (kind, plugin_id):
                if isinstance(plugin.declaration, expected):
                    return plugin.declaration
                raise PluginUnusable(kind=kind, id=plugin_id, reason=plugin.reason)
        raise PluginUnusable(kind=kind, id=plugin_id, reason="not installed")

    def service(self, service_id: str) -> Service:
        """Return a service's declaration. Raises PluginUnusable."""
        return self._declaration("service", service_id, Service)

    def document(self, document_id: str, variant: str) -> Document:
        """Return a document as declared for one of its variants. Raises PluginUnusable."""
        declared = self._declaration("document", document_id, Document)
        try:
            return declared.of(variant)
        except KeyError:
            raise PluginUnusable(kind="document", id=document_id, reason=f"no variant {variant}") from None

    def adapter(self, adapter_id: str) -> Adapter:
        """Return an adapter's declaration. Raises PluginUnusable."""
        return self._declaration("adapter", adapter_id, Adapter)

    def services(self) -> tuple[Service, ...]:
        """Return the usable services, ordered by id."""
        return tuple(p.declaration for p in self.plugins if isinstance(p.declaration, Service))

    def documents(self) -> Mapping[str, Document]:
        """Return the usable document types by id."""
        return {p.id: p.declaration for p in self.plugins if isinstance(p.declaration, Document)}
