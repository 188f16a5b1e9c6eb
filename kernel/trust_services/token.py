"""RFC 3161 without a network: the request, and whether an answer is a right time stamp for it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from asn1crypto import cms, core, tsp
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    get_signing_cert_attr,
    validate_sig_integrity,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints

from kernel.clock import local
from kernel.signing.chain import Material, check_chain
from kernel.signing.ports import TimeStampToken
from kernel.trust_services.errors import AnswerWrong, Refused, TrustServiceError, because

if TYPE_CHECKING:
    from asn1crypto import x509

    from kernel.signing.trust import Trust

__all__ = ["Question", "check_answer"]

_WEAK = frozenset({"md5", "sha1"})
_USAGE = KeyUsageConstraints(extd_key_usage={"time_stamping"}, explicit_extd_key_usage_required=True)


class Response(core.Sequence):  # type: ignore[misc]  # asn1crypto publishes no types
    """TimeStampResp as RFC 3161 has it: a refusal comes without a token, which asn1crypto's own does not read."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


@dataclass(frozen=True, slots=True)
class Question:
    """What an authority is asked to stamp: `imprint` is a digest by `algorithm`, `policy` an OID or empty."""

    imprint: bytes
    algorithm: str
    policy: str
    nonce: int

    @classmethod
    def new(cls, imprint: bytes, algorithm: str, policy: str = "") -> Question:
        """Return a question with a nonce of its own (RFC 3161, 2.4.1: a large random number)."""
        return cls(imprint, algorithm, policy, secrets.randbits(63) | 1 << 62)

    @property
    def der(self) -> bytes:
        """The TimeStampReq, which asks for the authority's certificate too."""
        asked = {
            "version": 1,
            "message_imprint": {"hash_algorithm": {"algorithm": self.algorithm}, "hashed_message": self.imprint},
            "nonce": self.nonce,
            "cert_req": True,
        }
        if self.policy:
            asked["req_policy"] = self.policy
        return bytes(tsp.TimeStampReq(asked).dump())


def check_answer(answer: bytes, question: Question, trust: Trust, authority: str) -> TimeStampToken:
    """Return the time stamp of a TimeStampResp (RFC 3161, 2.4.2) once everything about it is right.

    Raises Refused with what the authority said, AnswerWrong with what is wrong.
    """
    try:
        response = Response.load(answer, strict=True)
        _check_status(response, authority)
        token = response["time_stamp_token"]
        signed = token["content"]
        stamped = signed["encap_content_info"]["content"].parsed
        _check_content(stamped, question, authority)
        _check_signature(signed, stamped, trust, authority)
        return TimeStampToken(token.dump(), stamped["gen_time"].native, authority)
    except TrustServiceError:
        raise
    except Exception as problem:
        # asn1crypto and pyHanko raise builtin errors on broken data besides their own
        raise _wrong(authority, "unreadable") from problem


def _wrong(authority: str, key: str, /, **facts: object) -> AnswerWrong:
    return AnswerWrong(service=authority, detail=because(key, **facts))


def _check_status(response: Response, authority: str) -> None:
    status = response["status"]
    if status["status"].native in ("granted", "granted_with_mods"):
        return
    reasons = [*(status["status_string"].native or ()), *sorted(status["fail_info"].native or ())]
    words = " ".join("; ".join(reasons).split())[:200]
    raise Refused(service=authority, detail=because("rejected", status=status["status"].native, reason=words))


def _check_content(stamped: object, question: Question, authority: str) -> None:
    if not isinstance(stamped, tsp.TSTInfo):
        raise _wrong(authority, "unreadable")
    imprint = stamped["message_imprint"]
    if (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native) != (
        question.algorithm,
        question.imprint,
    ):
        raise _wrong(authority, "imprint")
    if stamped["nonce"].native != question.nonce:
        raise _wrong(authority, "nonce")
    policy = stamped["policy"].dotted
    if question.policy and policy != question.policy:
        raise _wrong(authority, "policy", found=policy, wanted=question.policy)


def _check_signature(signed: cms.SignedData, stamped: tsp.TSTInfo, trust: Trust, authority: str) -> None:
    if not isinstance(signed["certificates"], cms.CertificateSet):
        raise _wrong(authority, "no_certificate")
    certificates = extract_certs_for_validation(signed)
    signer, own = signed["signer_infos"][0], certificates.signer_cert
    algorithm = signer["digest_algorithm"]["algorithm"].native
    content = bytes(signed["encap_content_info"]["content"])
    if (
        len(signed["signer_infos"]) != 1
        or algorithm in _WEAK
        or signer["signed_attrs"] is core.VOID
        # RFC 3161, 2.4.2 and RFC 5816: the signature covers the certificate's hash
        or get_signing_cert_attr(signer["signed_attrs"]) is None
        or validate_sig_integrity(signer, own, "tst_info", hashlib.new(algorithm, content).digest()) != (True, True)
    ):
        raise _wrong(authority, "signature")
    _check_purpose(own, authority)
    at = stamped["gen_time"].native
    if not own.not_valid_before <= at <= own.not_valid_after:
        raise _wrong(authority, "certificate_time", at=f"{local(at):%d/%m/%Y}")
    found = check_chain(own, trust, Material(tuple(certificates.other_certs)), at=at, usage=_USAGE)
    if not found.trusted:
        raise _wrong(authority, "root")
    if found.revocation == "revoked":
        raise _wrong(authority, "revoked")


def _check_purpose(own: x509.Certificate, authority: str) -> None:
    """Refuse a certificate that is not, critically, for time stamping and nothing else (RFC 3161, 2.3)."""
    usage = own.extended_key_usage_value
    if usage is None or usage.native != ["time_stamping"] or "extended_key_usage" not in own.critical_extensions:
        raise _wrong(authority, "purpose")
