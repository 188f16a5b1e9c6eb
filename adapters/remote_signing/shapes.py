"""What a CSC service says, read into the port's shapes. Pure; ValueError and its kin tell a strange answer.

CSC API v1.0.4.0 (sections 11.4 to 11.10) and v2.0 (11.4 to 11.12): the same words under partly other names.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from kernel.api.ports import RemoteCredential

Version = Literal["v1", "v2"]

DIGESTS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
"""OIDs of hashes."""

_RSA = "1.2.840.113549.1.1.1"
_PSS = "1.2.840.113549.1.1.10"
_SCHEMES: Mapping[str, tuple[str, ...]] = {
    _PSS: ("pss-sha256", "pss-sha384", "pss-sha512"),
    _RSA: ("rsa-sha256", "rsa-sha384", "rsa-sha512"),
    "1.2.840.113549.1.1.11": ("rsa-sha256",),
    "1.2.840.113549.1.1.12": ("rsa-sha384",),
    "1.2.840.113549.1.1.13": ("rsa-sha512",),
    "1.2.840.10045.4.3.2": ("ecdsa-sha256",),
    "1.2.840.10045.4.3.3": ("ecdsa-sha384",),
    "1.2.840.10045.4.3.4": ("ecdsa-sha512",),
}
"""What a key can do, by the OIDs of `key/algo`."""


def encoded(data: bytes) -> str:
    """Return base64 as the API wants it."""
    return base64.b64encode(data).decode("ascii")


def credential(credential_id: str, info: Mapping[str, Any], version: Version) -> RemoteCredential | None:
    """Return the credential of `credentials/info`, None for one that can't be used here.

    Unusable are disabled keys, certificates that are not valid, and keys authorised in a browser (oauth2code).
    """
    key, held = info["key"], info["cert"]
    mode, secrets, sent = _authorisation(info, version)
    if key["status"] != "enabled" or held.get("status", "valid") != "valid" or mode == "oauth2code":
        return None
    own, *chain = (base64.b64decode(one, validate=True) for one in held["certificates"])
    return RemoteCredential(credential_id, own, tuple(chain), mechanisms(key["algo"]), secrets, sent)


def mechanisms(algorithms: Iterable[str]) -> tuple[str, ...]:
    """Return the mechanisms of the OIDs of `key/algo`, in the service's order."""
    return tuple(dict.fromkeys(name for oid in algorithms for name in _SCHEMES.get(oid, ())))


def sign_algorithm(algorithms: Iterable[str], mechanism: str) -> str:
    """Return the OID to ask for: the most exact of those offered that does `mechanism`."""
    fitting = [oid for oid in algorithms if mechanism in _SCHEMES.get(oid, ())]
    return min(fitting, key=lambda oid: len(_SCHEMES[oid]))


def _authorisation(info: Mapping[str, Any], version: Version) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return how a key is authorised, what its owner types, and what of that the service sends."""
    if version == "v2":
        found = info.get("auth", {})
        objects = found.get("objects", ())
        sent = tuple(one["id"] for one in objects if one.get("type") == "ChallengeResponse")
        return found.get("mode", "implicit"), tuple(one["id"] for one in objects), sent
    mode = info.get("authMode", "implicit")
    asked = tuple(name for name in ("PIN", "OTP") if mode == "explicit" and _present(info.get(name)))
    online = "OTP" in asked and info["OTP"].get("type") == "online"
    return mode, asked, ("OTP",) if online else ()


def _present(told: Mapping[str, Any] | None) -> bool:
    return told is not None and str(told.get("presence", "false")).lower() == "true"


def authorise_body(
    version: Version, credential_id: str, mechanism: str, hashes: Iterable[bytes], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """Return the body of `credentials/authorize`: the SAD is bound to these hashes."""
    sent = [encoded(one) for one in hashes]
    body: dict[str, Any] = {"credentialID": credential_id, "numSignatures": len(sent)}
    if version == "v1":
        return body | {"hash": sent} | dict(secrets)
    body |= {"hashes": sent, "hashAlgorithmOID": DIGESTS[mechanism.partition("-")[2]]}
    if secrets:
        body["authData"] = [{"id": name, "value": value} for name, value in secrets.items()]
    return body


def sign_body(
    version: Version,
    credential_id: str,
    sad: str,
    mechanism: str,
    algorithm: str,
    parameters: bytes,
    hashes: Iterable[bytes],
) -> dict[str, Any]:
    """Return the body of `signatures/signHash`. `algorithm` is the OID, `parameters` the DER of PSS's."""
    sent, digest = [encoded(one) for one in hashes], DIGESTS[mechanism.partition("-")[2]]
    body: dict[str, Any] = {"credentialID": credential_id, "SAD": sad, "signAlgo": algorithm}
    if parameters:
        body["signAlgoParams"] = encoded(parameters)
    if version == "v1":
        return body | {"hash": sent, "hashAlgo": digest}
    return body | {"hashes": sent, "hashAlgorithmOID": digest}


def signatures(answer: Mapping[str, Any], count: int) -> tuple[bytes, ...]:
    """Return the signatures of an answer; as many as there were hashes."""
    found = tuple(base64.b64decode(one, validate=True) for one in answer["signatures"])
    if len(found) != count:
        raise ValueError(f"{len(found)} signatures for {count} hashes")
    return found
