"""What the public eSign gateway says, read into the port's shapes. Pure; ValueError and its kin tell a strange answer.

Every answer is an envelope {status_code, message, data}. `status_code` repeats the HTTP status, or is the state of a
transaction; a state may also be told by the word in `message`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kernel.api.ports import RemoteCredential, RemoteRequest

_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


class State(Enum):
    """What became of a transaction: the gateway's number."""

    SIGNED = 1
    WAITING = 4000
    EXPIRED = 4001
    DECLINED = 4002
    KEY_NOT_AUTHORISED = 4003
    FAILED = 4004


_WORDS = {
    "sig_wait_for_user_confirm": State.WAITING,
    "waiting_for_signer_confirm": State.WAITING,
    "expired": State.EXPIRED,
    "signer_rejected": State.DECLINED,
    "authorize_key_failed": State.KEY_NOT_AUTHORISED,
    "sign_failed": State.FAILED,
}
_OK = 200


def state(envelope: Mapping[str, Any]) -> State:
    """Return the state an envelope tells: by its number, its word, or the signatures in it."""
    code = envelope["status_code"]
    if code != _OK:
        return State(code)
    told = _WORDS.get(str(envelope.get("message", "")).strip().casefold())
    if told is not None:
        return told
    if not envelope["data"]["signatures"]:
        raise ValueError("neither a state nor signatures")
    return State.SIGNED


def credentials(data: Mapping[str, Any], user: str, rsa_mechanism: str) -> list[RemoteCredential]:
    """Return the keys of `user_certificates` that can be used here; null is none. The id of a key is USER/SERIAL."""
    found = [_credential(one, user, rsa_mechanism) for one in data["user_certificates"] or ()]
    return [one for one in found if one.mechanisms]


def _credential(told: Mapping[str, Any], user: str, rsa_mechanism: str) -> RemoteCredential:
    own = base64.b64decode(told["cert_data"], validate=True)
    name = f"{user}/{_serial(told['serial_number'])}"
    return RemoteCredential(name, own, _chain(told.get("chain_data") or {}), _mechanisms(own, rsa_mechanism))


def _serial(told: object) -> str:
    if not isinstance(told, str) or not re.fullmatch(r"[0-9A-Za-z]{1,64}", told):
        raise ValueError("serial_number")
    return told


def _chain(told: Mapping[str, Any]) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(told[name], validate=True) for name in ("ca_cert", "root_cert") if told.get(name))


def _mechanisms(certificate: bytes, rsa_mechanism: str) -> tuple[str, ...]:
    """Return what a key can do: the gateway is handed hashes by SHA-256 and names no algorithm."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except UnsupportedAlgorithm:
        return ()
    if isinstance(key, rsa.RSAPublicKey):
        return (rsa_mechanism,)
    return ("ecdsa-sha256",) if isinstance(key, ec.EllipticCurvePublicKey) else ()


def sign_body(request: RemoteRequest, description: str, at: datetime) -> dict[str, Any]:
    """Return what is asked of the sign call, without the caller's own sp_id. `at` is UTC."""
    user, _, serial = request.credential.rpartition("/")
    return {
        "user_id": user,
        "serial_number": serial,
        "transaction_id": request.id,
        "transaction_desc": description,
        "time_stamp": f"{at:%Y%m%d%H%M%S}Z",
        "sign_files": [
            {"doc_id": name, "file_type": "pdf", "sign_type": "hash", "data_to_be_signed": one.hex()}
            for name, one in zip(document_ids(request), request.hashes, strict=True)
        ],
    }


def document_ids(request: RemoteRequest) -> list[str]:
    """Return the doc_id of each hash."""
    return [f"{request.id}-{number}" for number in range(len(request.hashes))]


def handle(data: Mapping[str, Any], transaction: str) -> str:
    """Return `tran_code`, which goes into an address, of an answer about our own transaction."""
    told = data["tran_code"]
    if data["transaction_id"] != transaction:
        raise ValueError("transaction_id of another request")
    if not isinstance(told, str) or not _HANDLE.fullmatch(told):
        raise ValueError("tran_code")
    return told


def signatures(data: Mapping[str, Any], ids: Iterable[str]) -> tuple[bytes, ...]:
    """Return the signatures in the order of `ids`; there is one for each and none beside."""
    found = {one["doc_id"]: base64.b64decode(one["signature_value"], validate=True) for one in data["signatures"]}
    made = tuple(found.pop(one) for one in ids)
    if found or not all(made):
        raise ValueError("signatures that were not asked for")
    return made
