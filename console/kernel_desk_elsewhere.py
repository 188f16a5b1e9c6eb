"""The desk's part over the kernel for signatures made outside. See `console.desk_elsewhere`."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from console import desk_elsewhere as shapes
from kernel.api.text import Text
from kernel.casework import collecting, remote_signing, signing_elsewhere
from kernel.casework.elsewhere import awaited, newest
from kernel.errors import StorageFull
from kernel.storage import documents

if TYPE_CHECKING:
    from console.desk import DocumentView
    from kernel.api.errors import QuayDienError
    from kernel.casework.elsewhere import Elsewhere, HandOut
    from kernel.casework.office import Actor, Office
    from kernel.dossier.records import DossierDocument

SCHEMES = {"rsa": "RSA PKCS#1 v1.5", "pss": "RSASSA-PSS", "ecdsa": "ECDSA"}


class ElsewhereVerbs(ABC):
    """Mixed into `KernelDesk`, which has the office, the person and the shape of a document."""

    _office: Office

    @property
    @abstractmethod
    def _actor(self) -> Actor: ...

    @abstractmethod
    def _document(self, document: DossierDocument) -> DocumentView: ...

    def document(self, document: str) -> DocumentView:
        """See Desk."""
        with self._office.work(reading=True) as work:
            found = documents.get(work.session, document)
        return self._document(found)

    def signing_ways(self, document: str) -> shapes.SigningWays:
        """See Desk."""
        found = remote_signing.offers(self._office, self._actor, document)
        keys = (
            shapes.RemoteKey(
                service=one.service,
                title=one.title,
                credential=one.credential,
                subject=one.info.name,
                identity=one.info.uid,
                secrets=one.secrets,
                sent=one.sent,
                problem=_cause(one.problem) if one.problem else None,
            )
            for one in found.keys
        )
        return shapes.SigningWays(tuple(keys), tuple(_cause(error) for error in found.failed))

    def send_remote_code(self, document: str, slot: str, service: str, credential: str, secret: str) -> None:
        """See Desk."""
        remote_signing.send_code(self._office, self._actor, document, slot, service, credential, secret)

    def ask_remote(
        self, document: str, slot: str, service: str, credential: str, secrets: Mapping[str, str]
    ) -> shapes.ElsewhereView:
        """See Desk."""
        return self._elsewhere(
            remote_signing.ask(self._office, self._actor, document, slot, service, credential, secrets)
        )

    def prepare_for_device(self, document: str, slot: str, certificate: Path) -> shapes.ElsewhereView:
        """See Desk."""
        data = _read(certificate)
        return self._elsewhere(signing_elsewhere.prepare_for_device(self._office, self._actor, document, slot, data))

    def elsewhere(self, document: str) -> shapes.ElsewhereView | None:
        """See Desk."""
        found = newest(self._office, document)
        return self._elsewhere(found) if found else None

    def awaited(self, document: str) -> shapes.ElsewhereView | None:
        """Return the signature elsewhere that locks a document now."""
        found = awaited(self._office, document)
        return self._elsewhere(found) if found else None

    def hand_out(self, request: str, folder: Path | None) -> shapes.HandedOut:
        """See Desk."""
        given = signing_elsewhere.hand_out(self._office, self._actor, request)
        digits = given.hash.hex().upper()
        scheme, _, digest = given.mechanism.value.partition("-")
        name = f"quaydien-{request[-8:]}"
        return shapes.HandedOut(
            hash=" ".join(digits[place : place + 8] for place in range(0, len(digits), 8)),
            mechanism=f"{SCHEMES[scheme]}, {digest.upper().replace('SHA', 'SHA-')}",
            text=f"QUAYDIEN:{digest.upper()}:{digits}",
            files=_written(given, folder, name) if folder else (),
            answer=folder / f"{name}.sig" if folder else None,
        )

    def take_back(self, request: str, answer: Path) -> DocumentView:
        """See Desk."""
        # imported late: pyHanko takes half a second to load
        from kernel.signing.answers import read_answer

        data = _read(answer)
        return self._document(signing_elsewhere.take_back(self._office, self._actor, request, read_answer(data)))

    def give_up(self, request: str) -> shapes.ElsewhereView:
        """See Desk."""
        return self._elsewhere(remote_signing.give_up(self._office, self._actor, request))

    def _elsewhere(self, found: Elsewhere) -> shapes.ElsewhereView:
        return shapes.ElsewhereView(
            id=found.id,
            document=found.document,
            signer=found.signer,
            place=collecting.title_of(self._office, found.service) if found.service else "",
            staff=found.staff,
            state=found.state,
            since=found.since,
            until=found.until,
            detail=found.detail,
        )


def _cause(error: QuayDienError) -> Text:
    return Text(*(error.diagnosis(language).cause.rstrip(".") for language in ("vi", "en")))


def _read(path: Path) -> bytes:
    from kernel.signing.answers import LARGEST
    from kernel.signing.errors import DocumentUnreadable

    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise DocumentUnreadable(file=path, detail=error.strerror or error) from error


def _written(given: HandOut, folder: Path, name: str) -> tuple[Path, ...]:
    """Write the request as JSON, the attributes to sign, and the content of a CMS; return the files."""
    told = {
        "request": given.id,
        "document": given.document.vi,
        "number": given.number,
        "signer": given.signer,
        "mechanism": given.mechanism.value,
        "hash": given.hash.hex(),
        "attributes": base64.b64encode(given.attributes).decode("ascii"),
        "until": given.until.isoformat(),
    }
    contents = {
        "json": json.dumps(told, ensure_ascii=False, indent=1).encode(),
        "attributes": given.attributes,
        "content": given.content,
    }
    files = tuple(folder / f"{name}.{ending}" for ending in contents)
    for path, content in zip(files, contents.values(), strict=True):
        try:
            path.write_bytes(content)
        except OSError as error:
            raise StorageFull(path=path, detail=error.strerror or error) from error
    return files
