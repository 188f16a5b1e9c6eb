"""The time stamp over a signature value: id-aa-signatureTimeStampToken (RFC 5126, 6.1.1; ETSI EN 319 122-1, 5.3)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from asn1crypto import cms, core

from kernel.signing.errors import TimeStampWrong

if TYPE_CHECKING:
    from kernel.signing.ports import TimeStamper, TimeStampToken

__all__ = ["attribute_of", "attribute_size", "stamp_signature"]

_IDENTIFIER = "signature_time_stamp_token"


def attribute_size(time_stamper: TimeStamper) -> int:
    """Return the bytes the attribute may take at most: what `prepare_signature` is told to leave room for."""
    return len(_attribute(bytes(time_stamper.token_size)))


def stamp_signature(signature: bytes, time_stamper: TimeStamper, algorithm: str = "sha256") -> TimeStampToken:
    """Return a time stamp over a signature value as it stands in the CMS. Raises TimeStampUnavailable."""
    return time_stamper.stamp(hashlib.new(algorithm, signature).digest(), algorithm)


def attribute_of(token: TimeStampToken) -> bytes:
    """Return the DER of the unsigned attribute that `finish` takes. Raises TimeStampWrong for a token that is none."""
    try:
        if cms.ContentInfo.load(token.der, strict=True)["content_type"].native != "signed_data":
            raise TimeStampWrong(authority=token.authority, detail="ContentInfo")
    except (ValueError, TypeError) as problem:
        raise TimeStampWrong(authority=token.authority, detail=str(problem)) from problem
    return _attribute(token.der)


def _attribute(token: bytes) -> bytes:
    """Return Attribute (RFC 5652, 5.3) with one value."""
    identifier = cms.CMSAttributeType(_IDENTIFIER).dump()
    values = core.SetOf(spec=core.Any, contents=token).dump()
    attribute: bytes = core.Sequence(contents=identifier + values).dump()
    return attribute
