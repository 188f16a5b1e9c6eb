"""The part of the desk in memory that signs with keys outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from console.desk_elsewhere import ElsewhereView, HandedOut, RemoteKey, SigningWays
from kernel.api.text import Text
from kernel.clock import now

if TYPE_CHECKING:
    from collections import Counter

    from console.desk import DocumentView

HASH = "9F2C41AB " * 8


class FakeElsewhere:
    """Mixed into FakeDesk. `answer` is what becomes of what is awaited when it is next looked at."""

    calls: Counter[str]
    secrets: Mapping[str, str]
    awaited: ElsewhereView | None = None
    away: tuple[Text, ...] = ()

    def _called(self, name: str) -> None:
        raise NotImplementedError

    def _document(self, document: str) -> DocumentView:
        raise NotImplementedError

    def _fill(self, document: str, state: str, signer: str) -> None:
        raise NotImplementedError

    def document(self, document: str) -> DocumentView:
        self._called("document")
        return self._document(document)

    def signing_ways(self, document: str) -> SigningWays:
        self._called("signing_ways")
        key = RemoteKey("ky", "SmartKý [x]", "k-1", "Đỗ Thị Ữ", "CCCD:001190000001", ("PIN", "OTP"), ("OTP",), None)
        old = replace(key, credential="k-2", problem=Text("đã hết hạn", "expired"))
        return SigningWays((key, old), self.away)

    def send_remote_code(self, document: str, slot: str, service: str, credential: str, secret: str) -> None:
        self._called("send_remote_code")

    def _await(self, document: str, place: str, minutes: int) -> ElsewhereView:
        since = now()
        self.awaited = ElsewhereView(
            "r-1",
            document,
            "Đỗ Thị Ữ",
            place,
            "Nguyễn Thị Ánh",
            "prepared",
            since,
            since + timedelta(minutes=minutes),
            "",
        )
        return self.awaited

    def ask_remote(
        self, document: str, slot: str, service: str, credential: str, secrets: Mapping[str, str]
    ) -> ElsewhereView:
        self._called("ask_remote")
        self.secrets = dict(secrets)
        return self._await(document, "SmartKý [x]", 5)

    def prepare_for_device(self, document: str, slot: str, certificate: Path) -> ElsewhereView:
        self._called("prepare_for_device")
        return self._await(document, "", 30)

    def elsewhere(self, document: str) -> ElsewhereView | None:
        self._called("elsewhere")
        return self.awaited

    def hand_out(self, request: str, folder: Path | None) -> HandedOut:
        self._called("hand_out")
        files = (folder / "quaydien-1.json",) if folder else ()
        answer = folder / "quaydien-1.sig" if folder else None
        return HandedOut(
            HASH.strip(), "RSA PKCS#1 v1.5, SHA-256", f"QUAYDIEN:SHA256:{HASH.replace(' ', '')}", files, answer
        )

    def take_back(self, request: str, answer: Path) -> DocumentView:
        self._called("take_back")
        assert self.awaited is not None
        self.become("done")
        return self._document(self.awaited.document)

    def become(self, state: str, detail: str = "") -> None:
        """Let what is awaited end so."""
        assert self.awaited is not None
        self.awaited = replace(self.awaited, state=state, detail=detail)  # type: ignore[arg-type]  # a test's word
        if state == "done":
            self._fill(self.awaited.document, "signature", self.awaited.signer)

    def give_up(self, request: str) -> ElsewhereView:
        self._called("give_up")
        self.become("cancelled")
        assert self.awaited is not None
        return self.awaited
