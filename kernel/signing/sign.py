"""Sign one prepared field of a document: PAdES (ETSI EN 319 142-1), as an incremental update."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.signing.deferred import Signed, finish, prepare_signature
from kernel.signing.errors import SigningError
from kernel.signing.mechanism import Mechanism, RawSigner
from kernel.signing.prepared import Appearing
from kernel.signing.signature_time_stamp import attribute_size, stamp_signature
from kernel.signing.source import Source, source_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kernel.signing.ports import TimeStamper

__all__ = ["Mechanism", "RawSigner", "Signed", "sign_field"]


def sign_field(
    document: bytes | Path | Source,
    *,
    field: str,
    signer: RawSigner,
    at: datetime,
    appearance: bytes | None,
    name: str,
    reason: str,
    location: str,
    time_stamper: TimeStamper | None = None,
    unsigned_attribute: int = 0,
) -> Signed:
    """Sign the empty signature field `field` of a document in memory or in a file, and return the update: PAdES B-B.

    With a `time_stamper` it is B-T; where that fails it is B-B still, and the result names the obstacle. Without one,
    `unsigned_attribute` bytes are left free for a time stamp that `stamp_update` puts in.

    `at` (aware) becomes `/M`; PAdES has no signing-time attribute. `appearance` is a stamp drawn into the
    field. Raises what `prepare_signature` raises before the key is touched, SignatureOfAnother after it, and what
    `signer.sign` raises.
    """
    source = document if isinstance(document, Source) else source_of(document)
    pending = prepare_signature(
        source,
        field=field,
        certificate=signer.certificate,
        chain=signer.chain,
        mechanism=signer.mechanism,
        appearing=Appearing(at, name, reason, location, appearance),
        unsigned_attribute=attribute_size(time_stamper) if time_stamper else unsigned_attribute,
    )
    signature = signer.sign(pending.to_be_signed)
    if time_stamper is None:
        return finish(source, pending, signature)
    try:
        attribute = stamp_signature(signature, time_stamper)
    except SigningError as problem:
        return replace(finish(source, pending, signature), obstacle=problem)
    return finish(source, pending, signature, attribute)
