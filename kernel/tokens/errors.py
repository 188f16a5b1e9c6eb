"""What can go wrong at a token. Each class has its words under `token.*` in the message catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernel.api.errors import QuayDienError
from kernel.signing.errors import SigningError

if TYPE_CHECKING:
    from collections.abc import Mapping


_EXIT_STATUSES = 255


class TokenError(QuayDienError):
    """Root of the errors of this package."""

    code = "token.error"


class ModuleNotFound(TokenError):
    """The path of the PKCS#11 module does not exist. Facts: module."""

    code = "token.module_not_found"


class ModuleUnusable(TokenError):
    """The file is no PKCS#11 module of this machine, or it refuses to start. Facts: module, detail."""

    code = "token.module_unusable"


class ModuleOfAnotherMachine(ModuleUnusable):
    """The module is for another system or processor than this program. Facts: module, detail, wanted."""

    code = "token.module_of_another_machine"


class ModuleIncomplete(ModuleUnusable):
    """A library the module needs is missing. Facts: module, detail (what the system's loader said)."""

    code = "token.module_incomplete"


class ModuleForeign(ModuleUnusable):
    """The file can't be loaded or exports no C_GetFunctionList: it is no PKCS#11 module. Facts: module, detail."""

    code = "token.module_foreign"


class NoToken(TokenError):
    """No token is present. Facts: module."""

    code = "token.no_token"


class TokenRemoved(TokenError):
    """The token went away during the work. Facts: token."""

    code = "token.removed"


class TokenLoggedOut(TokenRemoved):
    """The token was locked from outside: by another program, or by the card being reset. Facts: token."""

    code = "token.logged_out"


class TokenFault(TokenError):
    """The token or its module answered something unexpected. Facts: detail (a CKR name)."""

    code = "token.fault"


class PinRequired(TokenError):
    """The token is locked and no PIN was given. Facts: token."""

    code = "token.pin_required"


class PinWrong(TokenError):
    """The PIN is wrong. Facts: token, tries_left (int; None in `PinWrongUncounted`)."""

    code = "token.pin_wrong"

    @property
    def tries_left(self) -> int | None:
        """Tries left before the token locks itself, None where neither token nor counter knows."""
        found = self.facts["tries_left"]
        return found if isinstance(found, int) else None


class PinWrongUncounted(PinWrong):
    """The PIN is wrong and the token says only that its counter has gone down."""

    code = "token.pin_wrong_uncounted"


class PinLocked(TokenError):
    """The token's PIN is locked. Facts: token."""

    code = "token.pin_locked"


class PinFinalTry(TokenError):
    """One try is left and it is not spent here. Facts: token."""

    code = "token.pin_final_try"


class PinLengthInvalid(TokenError):
    """The PIN is shorter or longer than the token takes. Facts: token."""

    code = "token.pin_length_invalid"


class PinExpired(TokenError):
    """The token wants its PIN changed, or has none yet. Facts: token."""

    code = "token.pin_expired"


class PinFileUnreadable(TokenError):
    """The file with an HSM's PIN cannot be read, or is empty. Facts: file, detail."""

    code = "token.pin_file_unreadable"


class PinFileOpen(TokenError):
    """The file with an HSM's PIN can be read by others. Facts: file."""

    code = "token.pin_file_open"


class SoPinWrong(PinWrongUncounted):
    """The security officer's PIN is wrong. Facts: token, tries_left (None)."""

    code = "token.so_pin_wrong"


class SoPinLocked(TokenError):
    """The security officer's PIN is locked: nobody can unblock the token. Facts: token."""

    code = "token.so_pin_locked"


class SoPinFinalTry(TokenError):
    """One try of the security officer's PIN is left and it is not spent here. Facts: token."""

    code = "token.so_pin_final_try"


class TokenNotNamed(TokenError):
    """Several tokens are present and none was named. Facts: tokens."""

    code = "token.not_named"


class TokenContentAtStake(TokenError):
    """Initialising would delete keys, and nobody has said that they may go. Facts: token, serial."""

    code = "token.content_at_stake"


class PinsDiffer(TokenError):
    """A new PIN was typed twice and not the same way. Facts: none."""

    code = "token.pins_differ"


class PinMissing(TokenError):
    """A PIN was asked for and nothing was given. Facts: what."""

    code = "token.pin_missing"


class CertificatePresent(TokenError):
    """The certificate is on the token already. Facts: token."""

    code = "token.certificate_present"


class IdentityUnreadable(TokenError):
    """A file is no key and certificate in PKCS #12 or PEM. Facts: file, detail."""

    code = "token.identity_unreadable"


class IdentityPasswordWrong(TokenError):
    """The password of a PKCS #12 or PEM file is wrong or missing. Facts: file."""

    code = "token.identity_password_wrong"


class IdentityIncomplete(TokenError):
    """A file has no private key, or no certificate of its key. Facts: file, missing."""

    code = "token.identity_incomplete"


class CertificateNotFound(TokenError):
    """No token present holds the certificate. Facts: certificate (SHA-256)."""

    code = "token.certificate_not_found"


class CertificateOfAnother(TokenError):
    """The certificate names another person or organisation than the one who must sign. Facts: expected, found."""

    code = "token.certificate_of_another"


class BatchCertificateChanged(TokenError):
    """The token was unlocked for another certificate. Facts: none."""

    code = "token.batch_certificate_changed"


class KeyNotFound(TokenError):
    """The token has no private key that belongs to the certificate. Facts: subject."""

    code = "token.key_not_found"


class KeyAmbiguous(TokenError):
    """Several private keys could belong to the certificate. Facts: subject, count."""

    code = "token.key_ambiguous"


class MechanismMissing(TokenError):
    """The token offers no mechanism for this key that the settings allow. Facts: key."""

    code = "token.mechanism_missing"


class MechanismRefused(TokenError):
    """The token lists a mechanism and refuses to sign with it. Facts: mechanism (a CKM name)."""

    code = "token.mechanism_refused"


class SignatureInvalid(TokenError):
    """The token's signature does not verify with the certificate; it was thrown away. Facts: subject."""

    code = "token.signature_invalid"


class PurposeUnknown(TokenError):
    """The purpose is none of `kernel.api.documents.Purpose`. Facts: purpose."""

    code = "token.purpose_unknown"


class PurposeNotOfKey(TokenError):
    """The key is not for this purpose. Facts: purpose."""

    code = "token.purpose_not_of_key"


class NotAsked(TokenError):
    """The document and purpose are not among those the token was unlocked for. Facts: document, purpose."""

    code = "token.not_asked"


class RequestMismatch(TokenError):
    """The request id was used before with other input. Facts: request."""

    code = "token.request_mismatch"


class RequestInvalid(TokenError):
    """The request is not of the agreed shape. Facts: detail."""

    code = "token.request_invalid"


class RequestUnknown(TokenError):
    """Nothing was signed under this request id. Facts: request."""

    code = "token.request_unknown"


class RequestSettled(TokenError):
    """The request was signed and its PDF handed over for good. Facts: request, sha256 (of the signed PDF)."""

    code = "token.request_settled"


class JournalUnwritable(TokenError):
    """The signer cannot write its log or its journal, so it does not sign. Facts: detail."""

    code = "token.journal_unwritable"


class SignerCrashed(TokenError):
    """The process at the token ended by itself. Facts: status (exit status or name of the signal)."""

    code = "token.signer_crashed"

    @property
    def by_fault(self) -> bool:
        """Whether a memory fault or the like ended it, and not the program itself (Windows: an NTSTATUS)."""
        status = str(self.facts["status"])
        return status.startswith("SIG") or (status.isdigit() and int(status) > _EXIT_STATUSES)


class SignerTimeout(TokenError):
    """The process at the token did not answer in time and was ended. Facts: verb, seconds."""

    code = "token.signer_timeout"


class SignerBusy(TokenError):
    """Another piece of work is at the token. Facts: seconds."""

    code = "token.signer_busy"


class SignerElsewhere(TokenError):
    """Another process of this program works with the same token and journal. Facts: folder."""

    code = "token.signer_elsewhere"


class LabelInvalid(TokenError):
    """A label is empty or longer than 32 bytes of UTF-8. Facts: label."""

    code = "token.label_invalid"


class TokenWriteProtected(TokenError):
    """The token can be read and signed with, not written to. Facts: token."""

    code = "token.write_protected"


class TokenRefused(TokenError):
    """The token refused a step of administration. Facts: step, detail (a CKR name)."""

    code = "token.refused"


def to_wire(error: QuayDienError) -> dict[str, Any]:
    """Return `error` as JSON-able code and facts."""
    plain = {
        name: value if isinstance(value, int | str) else None if value is None else str(value)
        for name, value in error.facts.items()
    }
    return {"code": error.code, "facts": plain}


def from_wire(data: Mapping[str, Any]) -> QuayDienError:
    """Return the error `to_wire` described, as its own class where that class is known here."""
    facts = dict(data["facts"])
    found = _by_code().get(data["code"])
    if found is None:
        return TokenFault(detail=str(data["code"]))
    return found(**facts)


def _by_code() -> dict[str, type[QuayDienError]]:
    known: dict[str, type[QuayDienError]] = {}
    waiting: list[type[QuayDienError]] = [TokenError, SigningError]
    while waiting:
        kind = waiting.pop()
        known[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return known
