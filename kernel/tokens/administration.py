"""Token administration in a short-lived process: `python -P -m kernel.tokens.administration`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self

from kernel.api.errors import QuayDienError
from kernel.tokens.errors import RequestInvalid, to_wire
from kernel.tokens.framing import read_frame, write_frame
from kernel.tokens.inside import keep_secrets, own_streams
from kernel.tokens.process import Child
from kernel.tokens.shapes import TokenCertificate, TokenInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KeyKind = Literal["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"]

_START_SECONDS = 30.0
_STEP_SECONDS = 180.0
"""An old token makes an RSA key in a minute or two."""


class Administration:
    """Steps of administration at one PKCS#11 module.

    A step outside a `with` block has a process of its own; the steps inside one share theirs.
    Every method raises ModuleNotFound, ModuleUnusable, SignerCrashed, SignerTimeout besides what it names.
    `log` gets what the module prints. `env` is added to the environment, never a secret.
    """

    def __init__(self, module: Path, *, log: Path, env: Mapping[str, str] = MappingProxyType({})) -> None:
        self._module = module
        self._log = log
        self._env = env
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._child = self._start()
        return self

    def __exit__(self, *_: object) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def list_tokens(self) -> tuple[TokenInfo, ...]:
        """Return the initialised tokens present."""
        header, _ = self._do("list_tokens", {})
        return tuple(TokenInfo(**fields) for fields in header["tokens"])

    def list_certificates(self) -> tuple[TokenCertificate, ...]:
        """Return the certificates of the initialised tokens present, as they are seen without a PIN."""
        header, ders = self._do("list_certificates", {})
        listed = zip(header["certificates"], ders, strict=True)
        return tuple(TokenCertificate(**{**fields, "der": der}) for fields, der in listed)

    def init_token(self, *, label: str, so_pin: str, pin: str, serial: str | None = None) -> TokenInfo:
        """Initialise a token: one that never was, or the one of `serial`, whose content is lost.

        `label` takes 32 bytes of UTF-8. Raises LabelInvalid, NoToken, SoPinWrong, SoPinLocked, PinLengthInvalid,
        TokenWriteProtected, TokenRefused.
        """
        header, _ = self._do("init_token", {"label": label, "so_pin": so_pin, "pin": pin, "serial": serial})
        return TokenInfo(**header["token"])

    def generate_key(self, *, serial: str, pin: str, label: str, key_id: bytes, kind: KeyKind) -> bytes:
        """Make a key pair in the token, never to leave it; return the SubjectPublicKeyInfo (DER).

        Raises NoToken, PinWrong, PinFinalTry, PinLocked, TokenRefused.
        """
        fields = {"serial": serial, "pin": pin, "label": label, "key_id": key_id.hex(), "kind": kind}
        return self._do("generate_key", fields)[1][0]

    def import_certificate(self, *, serial: str, pin: str, label: str, key_id: bytes, der: bytes) -> None:
        """Put a certificate on the token. Raises CertificateInvalid, NoToken, PinWrong, TokenRefused."""
        self._do("import_certificate", {"serial": serial, "pin": pin, "label": label, "key_id": key_id.hex()}, der)

    def import_identity(
        self, *, serial: str, pin: str, label: str, key_id: bytes, key: bytes, certificates: Sequence[bytes]
    ) -> None:
        """Put a private key (PKCS #8, DER), its certificate and those above it on the token: all or none.

        Raises CertificateInvalid, CertificatePresent, RequestInvalid, NoToken, PinWrong, PinFinalTry, PinLocked,
        TokenWriteProtected, TokenRefused.
        """
        fields = {"serial": serial, "pin": pin, "label": label, "key_id": key_id.hex()}
        self._do("import_identity", fields, key, *certificates)

    def change_pin(self, *, serial: str, old_pin: str, new_pin: str) -> None:
        """Change the user PIN. Raises NoToken, PinWrong, PinFinalTry, PinLocked, PinLengthInvalid, TokenRefused."""
        self._do("change_pin", {"serial": serial, "old_pin": old_pin, "new_pin": new_pin})

    def unblock(self, *, serial: str, so_pin: str, new_pin: str) -> None:
        """Give a locked token a new user PIN, with one try of the security officer's.

        Raises NoToken, SoPinWrong, SoPinFinalTry, SoPinLocked, PinLengthInvalid, TokenWriteProtected, TokenRefused.
        """
        self._do("unblock", {"serial": serial, "so_pin": so_pin, "new_pin": new_pin})

    def change_so_pin(self, *, serial: str, old_pin: str, new_pin: str) -> None:
        """Change the security officer's PIN, with one try. Raises as `unblock`."""
        self._do("change_so_pin", {"serial": serial, "old_pin": old_pin, "new_pin": new_pin})

    def _do(self, verb: str, fields: Mapping[str, Any], *parts: bytes) -> tuple[dict[str, Any], list[bytes]]:
        if self._child is not None:
            return self._child.ask(verb, fields, parts, _STEP_SECONDS)
        with self:
            return self._do(verb, fields, *parts)

    def _start(self) -> Child:
        child = Child("kernel.tokens.administration", ["--module", str(self._module)], self._env, self._log)
        try:
            child.greet(_START_SECONDS)
        except BaseException:
            child.close()
            raise
        return child


def _answer(module: Path, fields: dict[str, Any], parts: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    from kernel.tokens import administration_keys as keys
    from kernel.tokens import administration_verbs as verbs

    verb = fields.pop("verb", None)
    if "key_id" in fields:
        fields["key_id"] = bytes.fromhex(fields["key_id"])
    library = verbs.open_module(module)
    try:
        match verb:
            case "list_tokens":
                return {"tokens": [asdict(token) for token in verbs.list_tokens(library)]}, []
            case "init_token":
                return {"token": asdict(verbs.init_token(library, **fields))}, []
            case "list_certificates":
                listed = keys.list_certificates(library)
                return {"certificates": [{**asdict(one), "der": None} for one in listed]}, [one.der for one in listed]
            case "generate_key":
                return {}, [keys.generate_key(library, **fields)]
            case "import_certificate":
                keys.import_certificate(library, **fields, der=parts[0])
            case "import_identity":
                keys.import_identity(library, **fields, key=parts[0], certificates=parts[1:])
            case "change_pin":
                verbs.change_pin(library, **fields)
            case "unblock":
                verbs.unblock(library, **fields)
            case "change_so_pin":
                verbs.change_so_pin(library, **fields)
            case _:
                raise RequestInvalid(detail="verb")
    finally:
        library.unload()  # some modules show a new token only after they start anew
    return {}, []


def main() -> int:
    """Answer frames until the other side closes. Returns the exit status."""
    keep_secrets()
    frames_in, frames_out = own_streams()
    module = Path(sys.argv[sys.argv.index("--module") + 1])
    write_frame(frames_out, {"ready": True})
    while (frame := read_frame(frames_in)) is not None:
        try:
            answer, parts = _answer(module, *frame)
        except QuayDienError as error:
            answer, parts = {"error": to_wire(error)}, []
        write_frame(frames_out, answer, parts)
    return 0


if __name__ == "__main__":
    os._exit(main())  # modules that misbehave at unload must not turn a finished step into a crash
