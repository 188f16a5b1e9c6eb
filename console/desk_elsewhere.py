"""The part of the desk that signs with keys outside: shapes and verbs. See `console.desk`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from kernel.api.text import Text

if TYPE_CHECKING:
    from console.desk import DocumentView

ElsewhereState = Literal["prepared", "handed_out", "done", "refused", "expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """A key that a remote service keeps for somebody who may sign."""

    service: str
    title: str
    """As staff know the service."""
    credential: str
    subject: str
    identity: str
    secrets: tuple[str, ...]
    """What its owner types here: `PIN`, `OTP`."""
    sent: tuple[str, ...]
    """Those of them that the service sends when told to."""
    problem: Text | None
    """Why it can't sign this document, None when it can."""


@dataclass(frozen=True, slots=True)
class SigningWays:
    """Where a document's next slot can be signed beside the tokens here; `failed` tells of services that are away."""

    keys: tuple[RemoteKey, ...]
    failed: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """A signature that is being made outside, or was."""

    id: str
    document: str
    signer: str
    place: str
    """Name of the service; empty for a device in somebody's hands."""
    staff: str | Text
    state: ElsewhereState
    since: datetime
    until: datetime
    detail: str

    @property
    def open(self) -> bool:
        """Whether the signature is still awaited."""
        return self.state in ("prepared", "handed_out")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What somebody needs who signs outside."""

    hash: str
    """Hex in groups of eight digits."""
    mechanism: str
    """`RSA PKCS#1 v1.5, SHA-256`."""
    text: str
    """For a QR code."""
    files: tuple[Path, ...]
    """What was written: the request as JSON, the attributes to sign, the content of a CMS."""
    answer: Path | None
    """Where the signature is looked for."""


class ElsewhereDesk(Protocol):
    """What a clerk can do about signatures made outside."""

    def document(self, document: str) -> DocumentView: ...
    def signing_ways(self, document: str) -> SigningWays: ...
    def send_remote_code(self, document: str, slot: str, service: str, credential: str, secret: str) -> None:
        """Have the service send its one-time code to the owner of a key."""
        ...

    def ask_remote(
        self, document: str, slot: str, service: str, credential: str, secrets: Mapping[str, str]
    ) -> ElsewhereView:
        """Lock the document and have the owner of a remote key asked. `secrets` are used once and kept nowhere."""
        ...

    def prepare_for_device(self, document: str, slot: str, certificate: Path) -> ElsewhereView:
        """Lock the document and prepare it for the certificate in a file somebody brought."""
        ...

    def elsewhere(self, document: str) -> ElsewhereView | None: ...
    def hand_out(self, request: str, folder: Path | None) -> HandedOut:
        """Return what is to be signed, written into `folder` where one is given."""
        ...

    def take_back(self, request: str, answer: Path) -> DocumentView:
        """Check the signature in a file and release the document with it."""
        ...

    def give_up(self, request: str) -> ElsewhereView: ...
