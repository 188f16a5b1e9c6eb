"""What a verifier believes in: roots, further certificates, revocation lists. Nothing comes from the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kernel.signing.errors import TrustUnreadable
from kernel.signing.trust_blocks import read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel.signing.trust_blocks import TrustBlock

__all__ = ["Trust", "TrustPurpose", "load_trust", "purposes_of", "read_trust"]


class TrustPurpose(StrEnum):
    """What a root may vouch for."""

    SIGNING = "signing"
    TIME_STAMPING = "time_stamping"


_ALL = frozenset(TrustPurpose)


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots, intermediates, revocation lists and OCSP responses, each as DER.

    `allow_fetching` permits asking the CRL and OCSP addresses in certificates, over the network.
    """

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    allow_fetching: bool = False
    ocsps: tuple[bytes, ...] = ()
    limited: tuple[tuple[bytes, frozenset[TrustPurpose]], ...] = ()
    """Those of `roots` that an administrator trusts for some purposes only."""

    def serving(self, purpose: TrustPurpose) -> Trust:
        """Return this trust with the roots that vouch for `purpose`."""
        refused = {der for der, purposes in self.limited if purpose not in purposes}
        return replace(self, roots=tuple(der for der in self.roots if der not in refused)) if refused else self


def load_trust(paths: Iterable[Path], *, allow_fetching: bool = False) -> Trust:
    """Return the trust of some files: PEM bundles of certificates and `X509 CRL` blocks, or DER of either.

    A self-signed certificate is a root, any other an intermediate. Raises TrustUnreadable with the file.
    """
    trust = Trust(allow_fetching=allow_fetching)
    for path in paths:
        try:
            data = Path(path).read_bytes()
        except OSError as problem:
            raise TrustUnreadable(file=str(path), detail=problem.strerror or str(problem)) from problem
        trust = read_trust(data, str(path), trust)
    return trust


def read_trust(data: bytes, name: str, onto: Trust | None = None) -> Trust:
    """Return `onto` with the certificates and lists of one file's bytes added. Raises TrustUnreadable."""
    trust = onto or Trust()
    blocks = read_blocks(data, name)
    roots = [one for one in blocks if one.kind == "root"]
    limits = ((one.der, purposes_of(one, name)) for one in roots)
    return replace(
        trust,
        roots=(*trust.roots, *(one.der for one in roots)),
        intermediates=(*trust.intermediates, *(one.der for one in blocks if one.kind == "intermediate")),
        crls=(*trust.crls, *(one.der for one in blocks if one.kind == "list")),
        limited=(*trust.limited, *((der, purposes) for der, purposes in limits if purposes != _ALL)),
    )


def purposes_of(block: TrustBlock, name: str) -> frozenset[TrustPurpose]:
    """Return what an administrator trusts a certificate for: everything unless its file says less.

    Raises TrustUnreadable for words that are no purpose.
    """
    written = block.headers.get("Purposes")
    if written is None:
        return _ALL
    try:
        return frozenset(TrustPurpose(word.strip()) for word in written.split(","))
    except ValueError as problem:
        raise TrustUnreadable(file=name, detail=str(problem)) from problem
