"""Why a document is not prepared, agreed to, signed or released. Texts: `messages/<language>/signing.toml`."""

from __future__ import annotations

from kernel.api.errors import QuayDienError

__all__ = [
    "AlreadyAgreed",
    "AnswerUnreadable",
    "CertificateExpired",
    "CertificateInvalid",
    "CertificateKeyUsage",
    "CertificateNotYetValid",
    "CertificateWeak",
    "CmsTemplateBroken",
    "DocumentCertified",
    "DocumentEncrypted",
    "DocumentHybrid",
    "DocumentNotFirstRevision",
    "DocumentNotTheOne",
    "DocumentUnreadable",
    "DocumentXfa",
    "EvidenceInvalid",
    "ExtensionBroken",
    "ExtensionRefused",
    "FieldFilled",
    "FieldMissing",
    "FieldPlacement",
    "FingerprintDiffers",
    "LevelNotProved",
    "MechanismMismatch",
    "NotAnAuthority",
    "NotPdf",
    "RevocationUnavailable",
    "SecondOpinionFailed",
    "SignatureOfAnother",
    "SignatureTooLarge",
    "SigningError",
    "StampInvalid",
    "StatementWrong",
    "TimeStampUnavailable",
    "TimeStampWrong",
    "TrustEntryKnown",
    "TrustEntryUnknown",
    "TrustFolderUnwritable",
    "TrustUnreadable",
]


class SigningError(QuayDienError):
    """Root of this package's errors."""

    code = "signing.error"


class NotPdf(SigningError):
    """The bytes are not a PDF that can be read to its end. Facts: detail."""

    code = "signing.not_pdf"


class DocumentEncrypted(SigningError):
    """The document is encrypted."""

    code = "signing.encrypted"


class DocumentHybrid(SigningError):
    """The document has a hybrid cross-reference table (ISO 32000-1, 7.5.8.4): two readers may see two documents."""

    code = "signing.hybrid"


class DocumentXfa(SigningError):
    """The document is an XFA form: what is shown is not in its pages."""

    code = "signing.xfa"


class DocumentCertified(SigningError):
    """A certification signature (DocMDP level 1) forbids every further change."""

    code = "signing.certified"


class DocumentNotFirstRevision(SigningError):
    """Consent is given to a document of exactly one revision. Facts: revisions."""

    code = "signing.not_first_revision"


class AlreadyAgreed(SigningError):
    """The document already carries a consent record."""

    code = "signing.already_agreed"


class EvidenceInvalid(SigningError):
    """The consent evidence does not describe this document. Facts: detail."""

    code = "signing.evidence_invalid"


class FieldMissing(SigningError):
    """The document has no signature field of that name. Facts: field."""

    code = "signing.field_missing"


class FieldFilled(SigningError):
    """The signature field is already signed. Facts: field."""

    code = "signing.field_filled"


class FieldPlacement(SigningError):
    """A signature box has an unusable name, page or place. Facts: field, page."""

    code = "signing.field_placement"


class CertificateInvalid(SigningError):
    """The certificate cannot be read. Facts: detail."""

    code = "signing.certificate_invalid"


class CertificateExpired(SigningError):
    """The certificate's time is over. Facts: name, until."""

    code = "signing.certificate_expired"


class CertificateNotYetValid(SigningError):
    """The certificate's time has not begun. Facts: name, since."""

    code = "signing.certificate_not_yet_valid"


class CertificateKeyUsage(SigningError):
    """The certificate is not made for signing documents. Facts: name, usage."""

    code = "signing.certificate_key_usage"


class CertificateWeak(SigningError):
    """The certificate's key or hash is too weak. Facts: name, algorithm."""

    code = "signing.certificate_weak"


class MechanismMismatch(SigningError):
    """The mechanism does not fit the certificate's key. Facts: name, mechanism."""

    code = "signing.mechanism_mismatch"


class AnswerUnreadable(SigningError):
    """What came back of a signature made elsewhere is neither a signature nor a CMS. Facts: detail."""

    code = "elsewhere.unreadable"


class SignatureTooLarge(SigningError):
    """The CMS is larger than the space kept for it. Facts: size, reserved."""

    code = "signing.too_large"


class StampInvalid(SigningError):
    """The visible stamp is not a PDF of at least one page. Facts: detail."""

    code = "signing.stamp_invalid"


class TrustUnreadable(SigningError):
    """A file of trusted certificates or revocation lists cannot be used. Facts: file, detail."""

    code = "signing.trust_unreadable"


class TrustEntryUnknown(SigningError):
    """Not exactly one trusted certificate has that fingerprint. Facts: wanted, found (how many)."""

    code = "trust.unknown"


class TrustEntryKnown(SigningError):
    """The certificate is trusted already. Facts: name, sha256."""

    code = "trust.known"


class NotAnAuthority(SigningError):
    """The certificate may not issue certificates, so nothing can lead to it. Facts: name."""

    code = "trust.not_an_authority"


class FingerprintDiffers(SigningError):
    """The certificate is not the one the administrator expected. Facts: expected, found (SHA-256, hex)."""

    code = "trust.fingerprint"


class TrustFolderUnwritable(SigningError):
    """The folder of trusted certificates cannot be written. Facts: folder, detail."""

    code = "trust.unwritable"


class SecondOpinionFailed(SigningError):
    """A signed document did not pass the independent check and must not be released. Facts: field, detail."""

    code = "signing.second_opinion"


class TimeStampUnavailable(SigningError):
    """No time-stamping authority gave a time stamp. Facts: detail, what each of them said."""

    code = "signing.time_stamp_unavailable"


class TimeStampWrong(SigningError):
    """A time stamp, or the request for one, is not right. Facts: authority, detail."""

    code = "signing.time_stamp_wrong"


class RevocationUnavailable(SigningError):
    """Nothing could be learnt of the revocation of certificates. Facts: names, detail."""

    code = "signing.revocation_unavailable"


class CmsTemplateBroken(SigningError):
    """The CMS that pyHanko builds is not of the shape this program fills. Facts: detail."""

    code = "signing.cms_template"


class DocumentUnreadable(SigningError):
    """The file of a document cannot be read or written. Facts: file, detail."""

    code = "signing.unreadable"


class DocumentNotTheOne(SigningError):
    """The document is not the one that was prepared for this signature. Facts: expected, found (SHA-256, hex)."""

    code = "signing.not_the_one"


class SignatureOfAnother(SigningError):
    """The signature is not this certificate's over what was handed out. Facts: name."""

    code = "signing.of_another"


class ExtensionRefused(SigningError):
    """A file is not raised or renewed whose signatures do not hold. Facts: reason (text)."""

    code = "levels.refused"


class ExtensionBroken(SigningError):
    """What was appended did not stand the check afterwards and was thrown away. Facts: reason (text)."""

    code = "levels.broken"


class LevelNotProved(SigningError):
    """All data are in the file and still do not prove the level wanted. Facts: wanted, reached, reason (text)."""

    code = "levels.not_proved"


class StatementWrong(SigningError):
    """An OCSP answer or a revocation list can't be used for a certificate. Facts: name, detail."""

    code = "revocation.wrong"
