"""What can stand in the way of the branch's work on a dossier."""

from __future__ import annotations

from kernel.api.errors import QuayDienError
from kernel.api.text import Text


def cause_of(error: QuayDienError) -> Text:
    """Return the cause of an error as a fact of another: without its full stop, in both languages."""
    return Text(error.diagnosis("vi").cause.rstrip("."), error.diagnosis("en").cause.rstrip("."))


class CaseworkError(QuayDienError):
    """Root of this package's errors."""

    code = "casework.error"


class SignInRefused(CaseworkError):
    """Unknown user or wrong password; which of both is not told."""

    code = "casework.sign_in_refused"


class DossierHeld(CaseworkError):
    """Someone else works on the dossier. Facts: code, holder, since."""

    code = "casework.held"


class CodePending(CaseworkError):
    """CMIS has not given the request its code yet. Facts: code."""

    code = "casework.code_pending"


class CodeRefused(CaseworkError):
    """CMIS refused to register the request. Facts: code, detail."""

    code = "casework.code_refused"


class FieldsWrong(CaseworkError):
    """What was typed can't be saved. Facts: count, first."""

    code = "casework.fields_wrong"


class FieldsMissing(CaseworkError):
    """The document needs fields that are not filled. Facts: document, fields."""

    code = "casework.fields_missing"


class SignatoryMissing(CaseworkError):
    """CMIS names nobody who may sign this document today. Facts: document, date."""

    code = "casework.signatory_missing"


class PhoneMissing(CaseworkError):
    """The dossier has no mobile number for the code. Facts: code."""

    code = "casework.phone_missing"


class CodeTooSoon(CaseworkError):
    """A code was sent a moment ago. Facts: seconds."""

    code = "casework.code_too_soon"


class CodeDailyLimit(CaseworkError):
    """Too many codes went to this phone today. Facts: phone, limit."""

    code = "casework.code_daily_limit"


class CodeNone(CaseworkError):
    """No code is open for this document."""

    code = "casework.code_none"


class CodeWrong(CaseworkError):
    """The customer's answer is not the code. Facts: tries_left."""

    code = "casework.code_wrong"


class CodeExhausted(CaseworkError):
    """The last try was wrong: this code is dead."""

    code = "casework.code_exhausted"


class CodeExpired(CaseworkError):
    """The code came too late. Facts: minutes."""

    code = "casework.code_expired"


class CodeUsed(CaseworkError):
    """The code was used already. Facts: at."""

    code = "casework.code_used"


class MessageFailed(CaseworkError):
    """The SMS did not go out. Facts: detail."""

    code = "casework.message_failed"


class SignerNotEntitled(CaseworkError):
    """The certificate belongs to someone who may not sign here. Facts: name, identity, expected."""

    code = "casework.not_entitled"


class CertificateRefused(CaseworkError):
    """The certificate is revoked, or leads to no root that is trusted here. Facts: name, detail."""

    code = "casework.certificate_refused"


class NotReleased(CaseworkError):
    """The signed file did not pass its second check and was not released. Facts: detail."""

    code = "casework.not_released"


class DocumentChanged(NotReleased):
    """The document went on while it was being signed: this signature is not for its present bytes."""

    code = "casework.document_changed"


class DocumentLocked(CaseworkError):
    """The document is being signed elsewhere. Facts: document, by, since, until."""

    code = "elsewhere.locked"


class AnswerTooLate(CaseworkError):
    """Nobody waits for this signature any more. Facts: since, why (text)."""

    code = "elsewhere.too_late"


class AnswerOfAnother(CaseworkError):
    """The answer came with another certificate than the one the document was prepared for. Facts: name, expected."""

    code = "elsewhere.of_another"


class RemoteDeclinedBySigner(CaseworkError):
    """The owner of the key refused, or the service did. Facts: service, detail."""

    code = "elsewhere.declined"


class RemoteInterrupted(CaseworkError):
    """The program ended before the service had heard the PIN or code. Facts: service."""

    code = "elsewhere.interrupted"


class RemoteSecretMissing(CaseworkError):
    """The owner of the key has to type something first. Facts: service, secrets."""

    code = "elsewhere.secret_missing"


class RemoteServiceUnknown(CaseworkError):
    """The settings have no such remote signing service. Facts: service."""

    code = "elsewhere.service_unknown"


class RemoteKeyGone(CaseworkError):
    """The service does not offer this key any more. Facts: service."""

    code = "elsewhere.key_gone"


class PracticeOnly(CaseworkError):
    """This exists in a practice branch only."""

    code = "casework.practice_only"


class NothingToSign(CaseworkError):
    """Nobody has to sign this document any more."""

    code = "casework.nothing_to_sign"


class BatchEmpty(CaseworkError):
    """There is nothing to sign."""

    code = "casework.batch_empty"


class BatchAtWork(CaseworkError):
    """Another console is signing this batch."""

    code = "casework.batch_at_work"


class BatchOver(CaseworkError):
    """Every document of the batch was signed or left behind already."""

    code = "casework.batch_over"


class KeyNotForDocument(CaseworkError):
    """The HSM's key was not given this document and purpose. Facts: key, document."""

    code = "casework.key_not_for_document"


class KeyNotForPerson(CaseworkError):
    """The person may not ask for the HSM's key. Facts: key, name, roles."""

    code = "casework.key_not_for_person"


class NoTimeStampAuthority(CaseworkError):
    """No time-stamp authority stands in the settings, so that no file can be brought above B-B."""

    code = "casework.no_time_stamp_authority"


class NotInArchive(CaseworkError):
    """No complete document has this id or number. Facts: id."""

    code = "casework.not_in_archive"
