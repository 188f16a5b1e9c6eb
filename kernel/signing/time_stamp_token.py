"""One time stamp token (RFC 3161, 2.4.2): read, and checked but for who made it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import cms, tsp
from pyhanko.sign.general import extract_signer_info, find_cms_attribute_iter
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity
from pyhanko_certvalidator.policy_decl import DEFAULT_WEAK_HASH_ALGOS

from kernel.signing.chain import Material
from kernel.signing.cms import envelope_problem
from kernel.signing.errors import TimeStampWrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from asn1crypto import x509
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from kernel.signing.ports import TimeStampToken

__all__ = ["Token", "checked_token", "read_token", "tokens_inside"]


@dataclass(frozen=True, slots=True)
class Token:
    """A time stamp token. `right` if it is over what it should be over and its signature holds."""

    generated: datetime
    """genTime: the authority's claim."""
    certificate: x509.Certificate
    others: Material
    """What came with it."""
    right: bool
    weak: bool
    """A hash in it is no longer safe."""
    regular: bool
    """Its envelope is as it should be; no signature covers that."""


def tokens_inside(embedded: EmbeddedPdfSignature) -> Iterator[bytes]:
    """Yield the time stamps over a signature value (id-aa-signatureTimeStampToken) as they are written."""
    # read anew: asn1crypto writes some values again once they were looked into, and takes for ever
    [signer] = cms.ContentInfo.load(embedded.pkcs7_content)["content"]["signer_infos"]
    for value in find_cms_attribute_iter(signer["unsigned_attrs"], "signature_time_stamp_token"):
        yield value.dump()


def read_token(written: bytes, imprint: Callable[[str], bytes], others: Material) -> Token:
    """Return a token, checked against what it should be over but for who made it. Raises anything on garbage."""
    signed: cms.SignedData = cms.ContentInfo.load(written)["content"]
    signer = extract_signer_info(signed)
    found = extract_certs_for_validation(signed)
    content = signed["encap_content_info"]["content"]
    information = content.parsed
    if not isinstance(information, tsp.TSTInfo):
        raise TypeError("TSTInfo")
    over = information["message_imprint"]
    algorithm, digest = over["hash_algorithm"]["algorithm"].native, signer["digest_algorithm"]["algorithm"].native
    intact, valid = validate_sig_integrity(
        signer, found.signer_cert, "tst_info", hashlib.new(digest, bytes(content)).digest()
    )
    return Token(
        generated=information["gen_time"].native,
        certificate=found.signer_cert,
        others=Material(tuple(found.other_certs)) + others,
        right=intact and valid and imprint(algorithm) == over["hashed_message"].native,
        weak=bool({algorithm, digest, _signing_hash(signer)} & DEFAULT_WEAK_HASH_ALGOS),
        regular=envelope_problem(written) is None,
    )


def _signing_hash(signer: cms.SignerInfo) -> str:
    try:
        return str(signer["signature_algorithm"].hash_algo)
    except ValueError:
        # plain RSA names none: it is the digest's
        return str(signer["digest_algorithm"]["algorithm"].native)


def checked_token(stamp: TimeStampToken, imprint: bytes, algorithm: str) -> Token:
    """Return the token if it is one over `imprint`, a digest by `algorithm`, whoever made it. Raises TimeStampWrong."""
    try:
        cms.ContentInfo.load(stamp.der, strict=True)
        token = read_token(stamp.der, lambda found: imprint if found == algorithm else b"", Material())
    except Exception as problem:
        raise TimeStampWrong(authority=stamp.authority, detail=f"{type(problem).__name__}: {problem}") from problem
    for holds, detail in ((token.right, "messageImprint"), (not token.weak, "SHA-1"), (token.regular, "SignedData")):
        if not holds:
            raise TimeStampWrong(authority=stamp.authority, detail=detail)
    return token
