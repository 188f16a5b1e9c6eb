"""The administrators' trust store: a folder of PEM files, a certificate each where this program wrote them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from cryptography import x509

from kernel import clock
from kernel.signing.certificates import CertificateInfo, describe
from kernel.signing.errors import (
    FingerprintDiffers,
    NotAnAuthority,
    TrustEntryKnown,
    TrustEntryUnknown,
    TrustFolderUnwritable,
    TrustUnreadable,
)
from kernel.signing.trust import TrustPurpose, purposes_of
from kernel.signing.trust_blocks import read_blocks, without_block, write_block

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kernel.signing.trust_blocks import TrustBlock

__all__ = ["RevocationList", "TrustEntry", "TrustStore", "drop", "fresh_entries", "keep", "read_store"]

State = Literal["valid", "expired", "not_yet_valid"]
_SHORTEST = 6
"""Hex digits of a fingerprint that may name a certificate."""


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """A trusted certificate: a root, or an authority below one. `added_at` is None where the file does not say."""

    der: bytes
    info: CertificateInfo
    root: bool
    purposes: frozenset[TrustPurpose]
    practice: bool
    added_at: datetime | None
    added_by: str
    file: Path

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the DER."""
        return hashlib.sha256(self.der).hexdigest()

    def state(self, at: datetime) -> State:
        """Return whether the certificate is valid `at` that moment."""
        return "not_yet_valid" if at < self.info.since else "expired" if at > self.info.until else "valid"


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A revocation list in the store. `until` is when the next one is due, None where it does not say."""

    issuer: str
    made: datetime
    until: datetime | None
    revoked: int
    file: Path


@dataclass(frozen=True, slots=True)
class TrustStore:
    """What lies in the folder, in the order of its file names."""

    folder: Path
    certificates: tuple[TrustEntry, ...]
    lists: tuple[RevocationList, ...]

    def entry(self, fingerprint: str) -> TrustEntry:
        """Return the certificate whose SHA-256 begins so, at least six hex digits. Raises TrustEntryUnknown."""
        wanted = _digits(fingerprint)
        found = {one.sha256: one for one in self.certificates if one.sha256.startswith(wanted)}
        if len(wanted) < _SHORTEST or len(found) != 1:
            raise TrustEntryUnknown(wanted=fingerprint, found=len(found))
        return next(iter(found.values()))


def read_store(folder: Path) -> TrustStore:
    """Return what the folder holds; a folder that is not there holds nothing. Raises TrustUnreadable."""
    certificates: list[TrustEntry] = []
    lists: list[RevocationList] = []
    for path in sorted(folder.glob("*.pem")):
        for block in read_blocks(_read(path), str(path)):
            if block.kind == "list":
                lists.append(_list(block, path))
            else:
                certificates.append(_entry(block, path))
    return TrustStore(folder, tuple(certificates), tuple(lists))


def fresh_entries(
    store: TrustStore, source: Path, purposes: Iterable[TrustPurpose], by: str, fingerprint: str = ""
) -> tuple[TrustEntry, ...]:
    """Return the certificates of a file as they would stand in the store. `fingerprint` is the SHA-256 expected.

    Raises TrustUnreadable, NotAnAuthority, TrustEntryKnown, FingerprintDiffers.
    """
    wanted = ", ".join(sorted(purposes))
    known = {one.sha256 for one in store.certificates}
    entries = []
    for block in read_blocks(_read(source), str(source)):
        if block.kind == "list":
            continue
        entry = _fresh(block, wanted, by, store.folder)
        if not _is_authority(entry.der):
            raise NotAnAuthority(name=entry.info.name)
        if entry.sha256 in known:
            raise TrustEntryKnown(name=entry.info.name, sha256=entry.sha256)
        entries.append(entry)
    if not entries:
        raise TrustUnreadable(file=str(source), detail="CERTIFICATE")
    if fingerprint and [one.sha256 for one in entries] != [_digits(fingerprint)]:
        raise FingerprintDiffers(expected=fingerprint, found=", ".join(one.sha256 for one in entries))
    return tuple(entries)


def keep(entry: TrustEntry) -> None:
    """Write a certificate into the store, whole or not at all. Raises TrustFolderUnwritable."""
    headers = {
        "Purposes": ", ".join(sorted(entry.purposes)),
        "Added": entry.added_at.isoformat(timespec="seconds") if entry.added_at else "",
        "Added-By": entry.added_by,
    }
    _write(entry.file, write_block(entry.der, entry.info.name, headers))


def drop(entry: TrustEntry) -> None:
    """Take a certificate out of its file, and the file away with its last one. Raises TrustFolderUnwritable."""
    rest = without_block(_read(entry.file), entry.der)
    if rest:
        _write(entry.file, rest)
        return
    try:
        entry.file.unlink()
    except OSError as problem:
        raise _unwritable(entry.file, problem) from problem


def _fresh(block: TrustBlock, purposes: str, by: str, folder: Path) -> TrustEntry:
    headers = {"Purposes": purposes, "Added": clock.now().isoformat(timespec="seconds"), "Added-By": by}
    name = hashlib.sha256(block.der).hexdigest()[:16]
    return _entry(type(block)(block.kind, block.der, headers), folder / f"{name}.pem")


def _entry(block: TrustBlock, path: Path) -> TrustEntry:
    return TrustEntry(
        der=block.der,
        info=describe(block.der),
        root=block.kind == "root",
        purposes=purposes_of(block, str(path)),
        practice=block.headers.get("Practice") == "yes",
        added_at=_moment(block.headers.get("Added", "")),
        added_by=block.headers.get("Added-By", ""),
        file=path,
    )


def _list(block: TrustBlock, path: Path) -> RevocationList:
    read = x509.load_der_x509_crl(block.der)
    names = read.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    issuer = str(names[0].value) if names else read.issuer.rfc4514_string()
    return RevocationList(issuer, read.last_update_utc, read.next_update_utc, len(read), path)


def _is_authority(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _digits(fingerprint: str) -> str:
    """Return a fingerprint as other programs print it, `AB:CD…` or with spaces, as lower-case hex."""
    return "".join(fingerprint.replace(":", " ").split()).lower()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise TrustUnreadable(file=str(path), detail=problem.strerror or str(problem)) from problem


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as problem:
        raise _unwritable(path, problem) from problem


def _unwritable(path: Path, problem: OSError) -> TrustFolderUnwritable:
    return TrustFolderUnwritable(folder=str(path.parent), detail=problem.strerror or str(problem))
