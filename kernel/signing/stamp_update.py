"""A time stamp put inside a signature just made, before its file leaves: the attribute goes into the room left for it.

The attribute is unsigned (ETSI EN 319 122-1, 5.3), so nothing that was signed changes: not the ByteRange, not the
signed attributes. A file that was released is never opened again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto.parser import emit, parse

from kernel.signing.cms import children
from kernel.signing.errors import CmsTemplateBroken, SignatureTooLarge
from kernel.signing.signature_time_stamp import IDENTIFIER, stamp_signature

if TYPE_CHECKING:
    from kernel.signing.ports import TimeStamper

__all__ = ["stamp_update"]

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_SEQUENCE, _SET, _CONTEXT_0, _CONTEXT_1 = (0, 1, 16), (0, 1, 17), (2, 1, 0), (2, 1, 1)
_CONSTRUCTED_SEQUENCE, _OCTETS, _UNSIGNED = 0x30, 0x04, 0xA1


def stamp_update(update: bytes, size_before: int, time_stamper: TimeStamper) -> bytes:
    """Return the update that signs a document of `size_before` bytes, of the same length, with a time stamp inside.

    A signature that has one is left as it is. Raises TimeStampUnavailable, TimeStampWrong, SignatureTooLarge where
    the token takes more than the room left in `/Contents`, CmsTemplateBroken where no signature is found.
    """
    begin, end = _hole(update, size_before)
    try:
        envelope = _Envelope.read(bytes.fromhex(update[begin:end].decode("ascii")))
    except (ValueError, IndexError) as problem:
        raise CmsTemplateBroken(detail=f"Contents: {problem}") from problem
    if envelope.stamped:
        return update
    digits = envelope.with_attribute(stamp_signature(envelope.signature, time_stamper)).hex().encode()
    if len(digits) > end - begin:
        raise SignatureTooLarge(size=len(digits), reserved=end - begin)
    return b"".join((update[:begin], digits, update[begin + len(digits) :]))


def _hole(update: bytes, size_before: int) -> tuple[int, int]:
    """Return where in the update the hex digits of its signature begin and end."""
    whole = size_before + len(update)
    holes = [
        (before + 1 - size_before, after - 1 - size_before)
        for before, after, rest in (map(int, found.groups()) for found in _BYTE_RANGE.finditer(update))
        if size_before <= before < after and after + rest == whole
    ]
    if len(holes) != 1 or (update[holes[0][0] - 1], update[holes[0][1]]) != (ord("<"), ord(">")):
        raise CmsTemplateBroken(detail="ByteRange")
    return holes[0]


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A CMS of one signer (RFC 5652, 5.1 and 5.3), its values as they are written."""

    kind: bytes
    before_signer: list[bytes]
    """SignedData from its version to its certificates."""
    before_unsigned: list[bytes]
    """SignerInfo from its version to the signature."""
    unsigned: list[bytes]

    @classmethod
    def read(cls, der: bytes) -> _Envelope:
        """Cut a CMS and the zeros behind it. Raises ValueError and IndexError for anything else."""
        _, _, _, header, content, trailer = parse(der, strict=False)
        kind, wrapped = children(header + content + trailer)
        [signed] = children(wrapped)
        *before_signer, signers = children(signed)
        [signer] = children(signers)
        parts = children(signer)
        unsigned = children(parts.pop()) if parts[-1][0] == _UNSIGNED else []
        if (header[0], parts[-1][0]) != (_CONSTRUCTED_SEQUENCE, _OCTETS):
            raise ValueError("SignedData")
        return cls(kind, before_signer, parts, unsigned)

    @property
    def signature(self) -> bytes:
        """The signature value."""
        value: bytes = parse(self.before_unsigned[-1])[4]
        return value

    @property
    def stamped(self) -> bool:
        """Whether it has a signature time stamp."""
        return any(children(one)[0] == IDENTIFIER for one in self.unsigned)

    def with_attribute(self, attribute: bytes) -> bytes:
        """Return the CMS with one more unsigned attribute (DER), those in the order of a SET OF (X.690, 11.6)."""
        unsigned = emit(*_CONTEXT_1, b"".join(sorted([*self.unsigned, attribute])))
        signer = emit(*_SEQUENCE, b"".join(self.before_unsigned) + unsigned)
        signed = emit(*_SEQUENCE, b"".join(self.before_signer) + emit(*_SET, signer))
        whole: bytes = emit(*_SEQUENCE, self.kind + emit(*_CONTEXT_0, signed))
        return whole
