"""What passes between the console and the signer process. Standard library only: the client stays cheap to import."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kernel.api.documents import Purpose
from kernel.tokens.errors import PurposeUnknown, RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping


MOST_UNSIGNED = 1 << 20
"""Bytes that may be left free in a signature: more than any time stamp takes."""


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token as CK_TOKEN_INFO tells it (PKCS#11 v2.40, 3.2). `tries_left` is None where nobody knows."""

    serial: str
    label: str
    model: str
    manufacturer: str
    login_required: bool
    pin_set: bool
    pin_count_low: bool
    pin_final_try: bool
    pin_locked: bool
    protected_path: bool
    tries_left: int | None
    unlocked: bool
    write_protected: bool = False
    pin_to_be_changed: bool = False
    so_pin_to_be_changed: bool = False


@dataclass(frozen=True, slots=True)
class TokenCertificate:
    """A certificate on a token. `sha256` of its DER (hex) is the only way it is chosen.

    `has_key` is None while the token is locked and hides its private keys.
    """

    der: bytes
    sha256: str
    key_id: str
    label: str
    token_serial: str
    token_label: str
    has_key: bool | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One mechanism of the self-test: `state` is `ok`, `refused` by the token, or `wrong` (does not verify)."""

    scheme: str
    ckm: str
    state: Literal["ok", "refused", "wrong"]
    detail: str
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class Errand:
    """One signature the signer is asked for: this document, for this purpose, nothing else."""

    document_id: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Errands:
    """What an unlocked token may be used for: the documents of a batch, or a purpose for as long as it stands.

    A standing key is an organisation's in an HSM: it is not locked when nobody has asked for a while.
    """

    listed: frozenset[Errand] = frozenset()
    purposes: frozenset[Purpose] = frozenset()

    def __contains__(self, errand: Errand) -> bool:
        return errand in self.listed or errand.purpose in self.purposes

    @property
    def standing(self) -> bool:
        """Whether there is no end to what may be asked."""
        return bool(self.purposes)


@dataclass(frozen=True, slots=True)
class SignRequest:
    """One signature. A repeated `request_id` with the same input gets the first result."""

    request_id: str
    document_id: str
    purpose: Purpose
    field: str
    certificate: str
    """SHA-256 of the DER, hex."""
    at: datetime
    appearance: bytes | None = None
    """The visible stamp: a PDF as `kernel.signing.appearance` takes it, or None."""
    name: str = ""
    reason: str = ""
    location: str = ""
    unsigned_attribute: int = 0
    """Bytes to leave free in the CMS for a time stamp that is put in before the file is released."""

    def header(self) -> dict[str, Any]:
        """Return everything but the appearance as JSON-able values."""
        return {
            "request_id": self.request_id,
            "document_id": self.document_id,
            "purpose": str(self.purpose),
            "field": self.field,
            "certificate": self.certificate,
            "at": self.at.isoformat(),
            "name": self.name,
            "reason": self.reason,
            "location": self.location,
            # named where it is asked for: a request without it is the same as ever
            **({"unsigned_attribute": self.unsigned_attribute} if self.unsigned_attribute else {}),
        }

    def fingerprint(self, sha256: str) -> str:
        """Return a hash of all that is asked of the document with this SHA-256 (hex): another request has another."""
        stamp = hashlib.sha256(self.appearance).hexdigest() if self.appearance is not None else None
        asked = {**self.header(), "appearance": stamp, "pdf": sha256}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignResult:
    """A signature and what was signed. `repeated` is True where the answer comes from the journal."""

    request_id: str
    document_id: str
    purpose: Purpose
    update: bytes
    """What has to be appended to the document."""
    sha256_before: str
    sha256_after: str
    digest: str
    """Digest over the byte range, hex: what the CMS covers."""
    mechanism: str
    certificate: str
    certificate_serial: str
    signed_at: datetime
    repeated: bool
    document: bytes | Path = field(default=b"", repr=False)
    """The document as it was given, unsigned."""

    @property
    def pdf(self) -> bytes:
        """The signed document, in memory."""
        given = self.document.read_bytes() if isinstance(self.document, Path) else self.document
        return given + self.update

    def told(self) -> dict[str, Any]:
        """Return everything but the document and the update as JSON-able values."""
        names = [name for name in self.__slots__ if name not in {"document", "update"}]
        return {name: getattr(self, name) for name in names} | {"signed_at": self.signed_at.isoformat()}


def result_from(told: Mapping[str, Any], update: bytes, document: bytes | Path = b"") -> SignResult:
    """Return what `SignResult.told` wrote. Raises KeyError, ValueError and TypeError for anything else."""
    fields = dict(told)
    fields |= {"signed_at": datetime.fromisoformat(fields["signed_at"]), "purpose": Purpose(fields["purpose"])}
    return SignResult(**fields, update=update, document=document)


def purpose_from(text: object) -> Purpose:
    """Return the purpose of that name. Raises PurposeUnknown."""
    try:
        return Purpose(str(text))
    except ValueError as error:
        raise PurposeUnknown(purpose=text) from error


def errand_from(data: Mapping[str, Any]) -> Errand:
    """Return the errand of a header. Raises PurposeUnknown and RequestInvalid."""
    return Errand(document_id=_word(data, "document_id"), purpose=purpose_from(data.get("purpose")))


def request_from(data: Mapping[str, Any], appearance: bytes | None) -> SignRequest:
    """Return the request of a header. Raises PurposeUnknown and RequestInvalid."""
    try:
        at = datetime.fromisoformat(str(data.get("at")))
    except ValueError as error:
        raise RequestInvalid(detail="at") from error
    if at.tzinfo is None:
        raise RequestInvalid(detail="at")
    return SignRequest(
        request_id=_word(data, "request_id"),
        document_id=_word(data, "document_id"),
        purpose=purpose_from(data.get("purpose")),
        field=_word(data, "field"),
        certificate=_word(data, "certificate"),
        at=at,
        appearance=appearance,
        name=str(data.get("name", "")),
        reason=str(data.get("reason", "")),
        location=str(data.get("location", "")),
        unsigned_attribute=_room(data),
    )


def _room(data: Mapping[str, Any]) -> int:
    room = data.get("unsigned_attribute", 0)
    if type(room) is not int or not 0 <= room <= MOST_UNSIGNED:
        raise RequestInvalid(detail="unsigned_attribute")
    return room


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RequestInvalid(detail=name)
    return value
