"""Try every mechanism of a key: a text made here is signed, and each signature checked with the certificate."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import pkcs11

from kernel.signing.certificates import load_certificate
from kernel.signing.mechanism import verifies
from kernel.tokens import objects
from kernel.tokens.errors import TokenRemoved
from kernel.tokens.mechanisms import all_possible
from kernel.tokens.shapes import Errands, Trial

if TYPE_CHECKING:
    from kernel.tokens.mechanisms import TokenMechanism
    from kernel.tokens.shapes import TokenCertificate
    from kernel.tokens.vault import Vault

_TEXT = "Quầy Điện thử thiết bị ký. Đây không phải văn bản.\n".encode()
"""No DER begins so: what is signed here can pass for the signed attributes of no document."""


def try_mechanisms(vault: Vault, held: TokenCertificate, pin: str | None) -> list[Trial]:
    """Sign a fresh text with each mechanism the token offers for the certificate's key; one login, then locked again.

    `pin` of None uses the reader's own pad. Raises what `Vault.unlock` raises, PinWrong, TokenRemoved.
    """
    certificate = load_certificate(held.der)
    offered = vault.mechanisms(held)
    vault.unlock(held, pin, Errands())
    try:
        return [_tried(vault, held, one) for one in all_possible(certificate, offered)]
    finally:
        vault.lock()


def _tried(vault: Vault, held: TokenCertificate, mechanism: TokenMechanism) -> Trial:
    text = _TEXT + secrets.token_bytes(32)
    key, pin = vault.key(held)
    began = time.perf_counter()
    try:
        signature = mechanism.sign(key, text, pin)
    except pkcs11.PinIncorrect:
        raise vault.wrong_again(held) from None
    except objects.GONE as error:
        raise TokenRemoved(token=held.token_label) from error
    except objects.ODD as error:
        return Trial(mechanism.scheme.value, mechanism.ckm.name, "refused", type(error).__name__, None)
    took = (time.perf_counter() - began) * 1000
    right = verifies(load_certificate(held.der), mechanism.scheme, signature, text)
    return Trial(mechanism.scheme.value, mechanism.ckm.name, "ok" if right else "wrong", "", round(took, 1))
