"""Everything casework works with, wired once at the start, and who is doing the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from kernel.api.documents import Document, Role
from kernel.api.ports import CmisPort, RemoteSigningPort, SmsPort
from kernel.api.services import Service
from kernel.casework.codes import CodeKey, code_key
from kernel.dossier.records import Dossier, DossierDocument
from kernel.jobs.outbox import Outbox
from kernel.registry import Registry
from kernel.settings import KeySettings, Settings
from kernel.storage import dossiers
from kernel.storage.blobs import Blobs
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from kernel.signing.trust import Trust
    from kernel.tokens.client import Signer
    from kernel.tokens.pool import SignerPool
    from kernel.trust_services.connect import TrustServices


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of the branch, signed in or at work for the branch (the worker acts as `system`)."""

    id: str
    name: str
    unit: str
    roles: tuple[Role, ...] = ()
    identity: str = ""
    """CCCD."""
    employee_code: str = ""
    title: str = ""


@dataclass(frozen=True)
class Office:
    """The branch at work. `signers` maps the id of a PKCS#11 module, or of an HSM's key, to what signs with it."""

    settings: Settings
    engine: Engine
    blobs: Blobs
    registry: Registry
    outbox: Outbox
    cmis: CmisPort
    sms: SmsPort
    signers: Mapping[str, Signer | SignerPool]
    remote: Mapping[str, RemoteSigningPort] = field(default_factory=dict)
    """Remote signing services by their id in the settings."""
    trust_services: TrustServices | None = None
    """Time stamps and revocation data; None where the settings name none."""

    def key(self, signer: str) -> KeySettings | None:
        """Return the HSM key that this signer is for, None for a token's module."""
        return next((key for key in self.settings.signing.keys if key.id == signer), None)

    @property
    def unit(self) -> str:
        """MA_DVIQLY of the branch."""
        return self.settings.branch.code

    @cached_property
    def code_key(self) -> CodeKey:
        """The secret that one-time codes are hashed with."""
        return code_key(self.settings.keys)

    @property
    def trust(self) -> Trust:
        """What signatures are judged by, read anew when a file of it changed. Raises TrustUnreadable."""
        return branch_trust(self.settings)

    @property
    def system(self) -> Actor:
        """The branch itself, for work nobody sits at."""
        return Actor("system", self.settings.branch.name, self.unit)

    def work(self, *, reading: bool = False) -> UnitOfWork:
        """Begin a unit of work."""
        return UnitOfWork(self.engine, reading=reading)

    def service(self, dossier: Dossier) -> Service:
        """Return the service of a dossier. Raises PluginUnusable."""
        return self.registry.service(dossier.service)

    @property
    def document_types(self) -> Mapping[str, Document]:
        """The usable document types by id."""
        return self.registry.documents()

    def document(self, document_type: str, variant: str) -> Document:
        """Return a document as declared for one of its variants. Raises PluginUnusable."""
        return self.registry.document(document_type, variant)

    def declared(self, document: DossierDocument) -> Document:
        """Return what a dossier's document was drawn from. Raises PluginUnusable."""
        return self.registry.document(document.type, document.variant)

    def document_forms(self) -> tuple[Document, ...]:
        """Return the usable document types in each of their variants, by id."""
        return tuple(form for _, one in sorted(self.document_types.items()) for form in one.forms())

    def dossier(self, work: UnitOfWork, dossier_id: str) -> Dossier:
        """Read a dossier. Raises NotFound and PluginUnusable."""
        service = self.registry.service(dossiers.service_of(work.session, dossier_id))
        return dossiers.get(work.session, dossier_id, service)


def branch_trust(settings: Settings) -> Trust:
    """Return the trust of a branch's folder, read anew when a file of it changed. Raises TrustUnreadable."""
    return _trust(tuple((path, _changed(path)) for path in sorted(settings.trust.glob("*.pem"))))


def _changed(path: Path) -> tuple[int, int]:
    """Return what tells another content of a file; of a file that just went away too, which reading then reports."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _trust(files: tuple[tuple[Path, tuple[int, int]], ...]) -> Trust:
    # imported late: pyHanko takes half a second to load
    from kernel.signing.trust import load_trust

    return load_trust(path for path, _ in files)
