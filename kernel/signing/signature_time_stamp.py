"""The time stamp over a signature value: id-aa-signatureTimeStampToken (RFC 5126, 6.1.1; ETSI EN 319 122-1, 5.3)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from asn1crypto import cms, core

from kernel.signing.errors import SignatureTooLarge
from kernel.signing.time_stamp_token import checked_token

if TYPE_CHECKING:
    from kernel.signing.ports import TimeStamper

__all__ = ["IDENTIFIER", "attribute_size", "stamp_signature"]

IDENTIFIER: bytes = cms.CMSAttributeType("signature_time_stamp_token").dump()
"""Type of the attribute, DER."""


def attribute_size(time_stamper: TimeStamper) -> int:
    """Return the bytes the attribute may take at most: what `prepare_signature` is told to leave room for."""
    return len(_attribute(bytes(time_stamper.token_size)))


def stamp_signature(signature: bytes, time_stamper: TimeStamper, algorithm: str = "sha256") -> bytes:
    """Return the DER of the attribute, what `finish` takes, for a signature value as it stands in the CMS.

    Raises TimeStampUnavailable, TimeStampWrong, SignatureTooLarge for a token larger than the authority said.
    """
    imprint = hashlib.new(algorithm, signature).digest()
    token = time_stamper.stamp(imprint, algorithm)
    checked_token(token, imprint, algorithm)
    if len(token.der) > time_stamper.token_size:
        raise SignatureTooLarge(size=len(token.der), reserved=time_stamper.token_size)
    return _attribute(token.der)


def _attribute(token: bytes) -> bytes:
    """Return Attribute (RFC 5652, 5.3) with one value."""
    values = core.SetOf(spec=core.Any, contents=token).dump()
    attribute: bytes = core.Sequence(contents=IDENTIFIER + values).dump()
    return attribute
