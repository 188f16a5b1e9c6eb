"""Collect what it takes to show that certificates were good: their chains, and revocation data for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509

from kernel.api.text import Text
from kernel.signing.chain import ChainResult, Material
from kernel.signing.errors import ExtensionRefused, RevocationUnavailable
from kernel.signing.material import read_der
from kernel.signing.ports import Revocations
from kernel.signing.report import Verdict
from kernel.signing.revocation_data import answers_about, made_at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kernel.signing.ports import RevocationSource
    from kernel.signing.report import Reason
    from kernel.signing.standing import Holder
    from kernel.signing.trust import Trust

__all__ = ["Gathered", "gather", "reason_text"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Certificates (DER) of chains, and the revocation data for them that the file has to keep."""

    certificates: tuple[bytes, ...] = ()
    known: Revocations = Revocations()  # noqa: RUF009  # frozen


def gather(
    holders: Iterable[Holder],
    kept: Material,
    *,
    trust: Trust,
    source: RevocationSource | None,
    newer_than: datetime | None = None,
) -> Gathered:
    """Return what shows, together with what the file has `kept`, that each holder was good at its time.

    What is in the file comes first, then what was given with `trust`, then what `source` tells. With `newer_than`
    the data about a holder's own certificate must have been made after that.

    Raises ExtensionRefused where a certificate leads to no given root or was revoked, RevocationUnavailable.
    """
    found = Gathered()
    for holder in holders:
        found = _with(found, holder, kept, trust, source, newer_than)
    return found


def _with(
    found: Gathered,
    holder: Holder,
    kept: Material,
    trust: Trust,
    source: RevocationSource | None,
    newer_than: datetime | None,
) -> Gathered:
    alone = replace(trust, crls=(), ocsps=(), allow_fetching=False)

    def judged(known: Revocations) -> ChainResult:
        return holder.checked(alone, kept + _parsed(known))

    chain = judged(found.known)
    if not chain.trusted:
        raise ExtensionRefused(reason=reason_text(chain.reasons[0], holder))
    path = tuple(one.dump() for one in chain.path)
    certificates = (*found.certificates, *(der for der in path if der not in found.certificates))

    def suffices(chain: ChainResult, known: Revocations) -> bool:
        if any(reason.weight is Verdict.INVALID for reason in chain.reasons):
            raise ExtensionRefused(reason=reason_text(chain.reasons[0], holder))
        return not chain.reasons and (
            newer_than is None or _newer(holder, kept + holder.others + _parsed(known), newer_than)
        )

    known = found.known
    if suffices(chain, known):
        return Gathered(certificates, known)
    known += _about(chain.path, trust)
    if suffices(judged(known), known):
        return Gathered(certificates, known)
    asked = path[::-1]
    for than in dict.fromkeys((newer_than, newer_than or holder.at)):
        if source is not None:
            known += _readable(source.revocations(asked, newer_than=than))
            if suffices(judged(known), known):
                return Gathered(certificates, known)
    why = judged(known).reasons
    raise RevocationUnavailable(names=holder.name, detail=why[0].detail if why else "thisUpdate")


def _newer(holder: Holder, material: Material, than: datetime) -> bool:
    about = (one for one in (*material.crls, *material.ocsps) if answers_about(one, holder.certificate))
    return any(made_at(one, holder.certificate) > than for one in about)


def _about(path: tuple[asn1_x509.Certificate, ...], trust: Trust) -> Revocations:
    """Return what was given with `trust` about any certificate of a path."""
    given = _parsed(Revocations(trust.crls, trust.ocsps))
    return Revocations(
        tuple(one.dump() for one in given.crls if any(answers_about(one, certificate) for certificate in path[1:])),
        tuple(one.dump() for one in given.ocsps if any(answers_about(one, certificate) for certificate in path[1:])),
    )


def _readable(found: Revocations) -> Revocations:
    """Leave out what is no list and no answer."""
    return Revocations(
        tuple(der for der in found.crls if read_der(der, asn1_crl.CertificateList) is not None),
        tuple(der for der in found.ocsps if read_der(der, asn1_ocsp.OCSPResponse) is not None),
    )


def _parsed(known: Revocations) -> Material:
    return Material(
        (),
        tuple(asn1_crl.CertificateList.load(der) for der in known.crls),
        tuple(asn1_ocsp.OCSPResponse.load(der) for der in known.ocsps),
    )


def reason_text(reason: Reason, holder: Holder | None = None) -> Text:
    """Return a reason's sentence in both languages, with the name of the certificate's holder where it has none."""
    named = reason if holder is None else replace(reason, facts={"field": "", "signer": holder.name, **reason.facts})
    return Text(named.text("vi"), named.text("en"))
