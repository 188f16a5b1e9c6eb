"""OCSP without a network (RFC 6960): the request, and whether an answer is one to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asn1crypto import core, ocsp, x509

from kernel import clock
from kernel.api.messages import message
from kernel.api.text import Text
from kernel.signing.errors import StatementWrong
from kernel.signing.revocation import read_ocsp
from kernel.trust_services.sources import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.signing.revocation import Statement

__all__ = ["read_answer", "request"]


def request(path: Sequence[bytes], nonce: bytes | None) -> bytes:
    """Return the OCSPRequest about the first certificate of `path` (DER, its issuer next)."""
    certificate, issuer = (x509.Certificate.load(der) for der in path[:2])
    identified = {
        # SHA-1 only names the issuer here, and is what every responder understands (RFC 5019, 2.1.1)
        "hash_algorithm": {"algorithm": "sha1"},
        "issuer_name_hash": issuer.subject.sha1,
        "issuer_key_hash": issuer.public_key.sha1,
        "serial_number": certificate.serial_number,
    }
    asked: dict[str, object] = {"request_list": [{"req_cert": identified}]}
    if nonce is not None:
        asked["request_extensions"] = [{"extn_id": "nonce", "extn_value": core.OctetString(nonce)}]
    return bytes(ocsp.OCSPRequest({"tbs_request": asked}).dump())


def read_answer(answer: bytes, path: Sequence[bytes], nonce: bytes | None, *, required: bool) -> Statement:
    """Return the statement of an answer to a request with `nonce`. Raises StatementWrong.

    An answer without a nonce passes unless it is `required`: responders that answer from a store have none.
    """
    statement = read_ocsp(answer, path, clock.now())
    if nonce is None or statement.nonce == nonce or (statement.nonce is None and not required):
        return statement
    words = (message("revocation.because.nonce", language) for language in ("vi", "en"))
    raise StatementWrong(name=name_of(path[0]), detail=Text(*words))
