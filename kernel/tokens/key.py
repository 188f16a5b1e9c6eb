"""A private key on a token, in the shape `kernel.signing` signs with."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pkcs11
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.signing.certificates import load_certificate
from kernel.signing.errors import CertificateInvalid
from kernel.tokens.errors import KeyNotFound, MechanismRefused
from kernel.tokens.mechanisms import candidates

if TYPE_CHECKING:
    from cryptography import x509

    from kernel.signing.mechanism import Mechanism
    from kernel.tokens.settings import SignerSettings
    from kernel.tokens.shapes import Errand, Errands, TokenCertificate
    from kernel.tokens.vault import Vault


_REFUSED = (pkcs11.MechanismInvalid, pkcs11.MechanismParamInvalid, pkcs11.FunctionNotSupported)
"""A token lists a mechanism for verifying only, or its module for all cards of a kind: it says so when asked."""


class TokenKey:
    """One signature's worth of a key. The token is asked for nothing secret until `sign` is called.

    With a `pin`, `sign` logs in for `errands`; without one the token must be unlocked for `errand` already.
    """

    def __init__(
        self,
        vault: Vault,
        held: TokenCertificate,
        *,
        errand: Errand,
        errands: Errands,
        log_in: bool,
        pin: str | None,
        settings: SignerSettings,
    ) -> None:
        self._vault = vault
        self._held = held
        self._errand = errand
        self._errands = errands
        self._log_in = log_in
        self._pin = pin
        self._x509 = load_certificate(held.der)
        found = candidates(self._x509, vault.mechanisms(held), settings)
        self._mechanism = found[0]
        self._same_scheme = [one for one in found if one.scheme is self._mechanism.scheme]

    @property
    def certificate(self) -> bytes:
        """DER of the signer's certificate."""
        return self._held.der

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the issuers that stand on the token too."""
        return issuers(self._held, self._vault.beside())

    @property
    def serial(self) -> str:
        """Serial number of the certificate, hex, upper case."""
        return f"{self._x509.serial_number:X}"

    @property
    def mechanism(self) -> Mechanism:
        """The scheme of the CMS."""
        return self._mechanism.scheme

    @property
    def ckm(self) -> str:
        """Name of the token's mechanism."""
        return self._mechanism.ckm.name

    def sign(self, data: bytes) -> bytes:
        """Return what the token gives as the signature over `data`.

        Raises what `Vault.unlock` and `objects.private_key` raise, and PinRequired, PinWrong, MechanismRefused,
        TokenRemoved, TokenFault.
        """
        if self._log_in:
            self._vault.unlock(self._held, self._pin, self._errands)
            self._log_in, self._pin = False, None
        self._vault.authorise(self._held, self._errand)
        with self._vault.guard(self._held.token_label):
            key, pin = self._vault.key(self._held)
            if not isinstance(key, pkcs11.SignMixin):
                raise KeyNotFound(subject=self._x509.subject.rfc4514_string())
            return self._signature(key, data, pin)

    def _signature(self, key: pkcs11.SignMixin, data: bytes, pin: str | None) -> bytes:
        for chosen in self._same_scheme:
            self._mechanism = chosen
            try:
                return chosen.sign(key, data, pin)
            except pkcs11.PinIncorrect:
                raise self._vault.wrong_again(self._held) from None
            except _REFUSED:
                self._vault.refused(self._held, chosen.ckm)
        raise MechanismRefused(mechanism=self.ckm)


@lru_cache(maxsize=8)
def issuers(held: TokenCertificate, listed: tuple[TokenCertificate, ...]) -> tuple[bytes, ...]:
    """Return the DER of the certificates above `held` among `listed`, nearest first."""
    by_subject = {}
    for item in listed:
        try:
            read = load_certificate(item.der)
        except CertificateInvalid:
            continue
        by_subject[read.subject.public_bytes()] = read
    chain: list[x509.Certificate] = []
    below = load_certificate(held.der)
    while (above := by_subject.get(below.issuer.public_bytes())) is not None and above not in (*chain, below):
        chain.append(above)
        below = above
    return tuple(read.public_bytes(Encoding.DER) for read in chain)
