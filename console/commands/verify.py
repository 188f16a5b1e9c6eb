"""`quaydien verify FILE…`: are the signatures of these PDF files valid, and does the customer's consent match."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from console.commands import Exit
from console.main import home_of, print_error, print_json
from kernel import clock, settings
from kernel.api.messages import message
from kernel.api.text import Language
from kernel.errors import HomeMissing
from kernel.signing.errors import TrustUnreadable
from kernel.signing.report import Report, Verdict
from kernel.signing.trust import Trust, load_trust
from kernel.signing.verify import verify

MARKS = {Verdict.VALID: "✓", Verdict.INVALID: "✗", Verdict.UNKNOWN: "?", Verdict.NO_SIGNATURE: "–"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="TỆP")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--trust",
        nargs="+",
        action="extend",
        type=Path,
        metavar="PEM",
        help="chứng thư gốc và CRL tin cậy · trusted roots and revocation lists",
    )
    parser.add_argument("--fetch", action="store_true", help="hỏi OCSP/CRL qua mạng · ask OCSP and CRL services")


def run(options: argparse.Namespace) -> int:
    """Verify each file; 0 only if all are HOP_LE, 2 when a file can't be read."""
    files: list[tuple[Path, bytes]] = []
    for path in options.files:
        try:
            files.append((path, path.read_bytes()))
        except OSError as error:
            sys.stderr.write(f"{path}: {error.strerror}\n")
            return Exit.WRONG_USE
    try:
        trust = _trust(options)
    except TrustUnreadable as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE
    reports = [(path, verify(content, trust)) for path, content in files]
    if options.json:
        print_json([report.as_json(str(path), options.lang) for path, report in reports])
    else:
        sys.stdout.write("\n".join(_for_people(path, report, options.lang) for path, report in reports))
    return Exit.DONE if all(report.verdict is Verdict.VALID for _, report in reports) else Exit.NO


def _trust(options: argparse.Namespace) -> Trust:
    """Return the roots named on the command line, else those of the installation, else none."""
    paths: list[Path] = options.trust or []
    if not paths:
        try:
            paths = sorted(settings.load(home_of(options)).trust.glob("*.pem"))
        except HomeMissing:
            paths = []
    return load_trust(paths, allow_fetching=options.fetch)


def _for_people(path: Path, report: Report, language: Language) -> str:
    """Return what TT 15/2025/TT-BKHCN, Điều 6 wants shown: issuer, signer, time, integrity, validity."""
    lines = [f"{MARKS[report.verdict]} {path}: {report.verdict.label(language).upper()}"]
    said = {reason for one in report.signatures for reason in (r.text(language) for r in one.reasons)}
    lines += [f"    {text}" for text in (reason.text(language) for reason in report.reasons) if text not in said]
    for one in report.signatures:
        words: dict[str, Any] = {
            "signer": one.signer,
            "issuer": one.issuer,
            "time": f"{clock.local(one.signed_at):%d/%m/%Y %H:%M:%S %z}" if one.signed_at else "–",
            "level": one.level or "–",
            "intact": message(f"verification.{'intact' if one.intact else 'broken'}", language),
            "revocation": message(f"verify.revocation.{one.revocation}", language),
        }
        lines.append("  • " + message("verification.signature", language, **words))
        lines += [f"    {reason.text(language)}" for reason in one.reasons]
    if report.consent is not None:
        found = report.consent.as_json(language)
        matches = "consent_matches" if found["matches"] else "consent_differs"
        lines.append("  • " + message(f"verification.{matches}", language, time=found["confirmed_at"]))
        lines += [f"    {reason}" for reason in found["reasons"]]
    return "\n".join(lines) + "\n"
