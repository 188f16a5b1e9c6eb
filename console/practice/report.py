"""What the headless practice branch reports of a dossier: every document verified from its file, as anyone would."""

from __future__ import annotations

from typing import Any

from kernel.api.text import nfc
from kernel.casework.office import Office
from kernel.dossier.progress import step_of
from kernel.dossier.records import DocumentState, Dossier
from kernel.signing.verify import verify
from kernel.storage import documents
from kernel.storage.unit_of_work import UnitOfWork


def dossier_report(office: Office, work: UnitOfWork, dossier: Dossier) -> dict[str, Any]:
    """Return a dossier with its documents; each is also written as a named file under `documents/`."""
    service = office.service(dossier)
    folder = office.settings.home / "documents" / dossier.code
    folder.mkdir(parents=True, exist_ok=True)
    reports = []
    for document in documents.of_dossier(work.session, dossier.id):
        if document.state is DocumentState.VOID:
            continue
        pdf = office.blobs.get(document.sha256)
        path = folder / f"{document.type}.pdf"
        path.write_bytes(pdf)
        found = verify(pdf, office.trust).as_json(str(path), "vi")
        purposes = {one.field: str(one.purpose) for one in document.filled}
        reports.append(
            {
                "type": document.type,
                "path": str(path),
                "sha256": document.sha256,
                "pages": document.pages,
                "level": document.level,
                "verdict": found["verdict"],
                "signatures": [
                    {"field": one["field"], "signer": nfc(one["signer"]), "purpose": purposes.get(one["field"], "")}
                    for one in found["signatures"]
                ],
                "consent": found["consent"],
            }
        )
    return {
        "service": service.id,
        "variant": dossier.variant,
        "code": dossier.code,
        "state": "closed" if not step_of(service, dossier.step).next else str(dossier.state),
        "documents": reports,
    }
