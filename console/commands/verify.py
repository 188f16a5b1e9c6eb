"""`quaydien verify FILE…`: are the signatures of these PDF files valid, and does the customer's consent match."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console.commands import Exit
from console.main import home_of, print_error, print_json
from kernel import clock, settings
from kernel.api.messages import message
from kernel.api.text import visible
from kernel.errors import HomeMissing
from kernel.signing.errors import TrustUnreadable
from kernel.signing.report import Report, Verdict
from kernel.signing.telling import tell
from kernel.signing.trust import Trust, load_trust
from kernel.signing.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kernel.api.text import Language
    from kernel.signing.telling import ToldPart, ToldReason

PDF = b"%PDF"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("files", nargs="*", type=Path, metavar="TỆP")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--trust",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="PEM",
        help="chứng thư gốc và CRL tin cậy · trusted roots and revocation lists",
    )
    parser.add_argument("--report", type=Path, metavar="PDF", help="ghi bản kiểm tra · write the report as a PDF")
    parser.add_argument("--fetch", action="store_true", help="hỏi OCSP/CRL qua mạng · ask OCSP and CRL services")


def run(options: argparse.Namespace) -> int:
    """Verify each file; 0 only if all are HOP_LE, 2 when a file can't be read."""
    # `--trust gốc.pem hợp-đồng.pdf`: the option takes all that follows, so what is a PDF was meant to be verified
    taken = [path for path in options.trust if _is_pdf(path)]
    paths = [*options.files, *taken]
    if not paths:
        sys.stderr.write(message("verification.use.no_file", options.lang) + "\n")
        return Exit.WRONG_USE
    files: list[tuple[Path, bytes]] = []
    for path in paths:
        try:
            files.append((path, path.read_bytes()))
        except OSError as error:
            sys.stderr.write(f"{visible(str(path))}: {error.strerror}\n")
            return Exit.WRONG_USE
    try:
        trust = _trust(options, [path for path in options.trust if path not in taken])
    except TrustUnreadable as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE
    reports = [(path, verify(content, trust)) for path, content in files]
    if options.report and not _written(options, trust, [content for _, content in files], reports):
        return Exit.OUTSIDE
    if options.json:
        print_json([report.as_json(str(path), options.lang) for path, report in reports])
    else:
        sys.stdout.write("\n".join(_for_people(path, report, options.lang) for path, report in reports))
    return Exit.DONE if all(report.verdict is Verdict.VALID for _, report in reports) else Exit.NO


def _written(
    options: argparse.Namespace, trust: Trust, contents: list[bytes], reports: list[tuple[Path, Report]]
) -> bool:
    """Write the report to print; say so where it can't be written."""
    # imported late: Typst is loaded only for this
    from kernel.documents.verification import Verified, draw_verification

    verified = [
        Verified(tell(report, path.name, options.lang), content)
        for content, (path, report) in zip(contents, reports, strict=True)
    ]
    try:
        unit = settings.load(home_of(options)).branch.name
    except HomeMissing:
        unit = ""
    pdf = draw_verification(verified, clock.now(), options.lang, unit=unit, roots=len(trust.roots))
    fresh = options.report.with_suffix(".part")
    try:
        fresh.write_bytes(pdf)
        fresh.replace(options.report)
    except OSError as error:
        facts = {"file": visible(str(options.report)), "detail": error.strerror or str(error)}
        sys.stderr.write(message("verification.use.unwritable", options.lang, **facts) + "\n")
        return False
    return True


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(PDF)) == PDF
    except OSError:
        return False


def _trust(options: argparse.Namespace, paths: list[Path]) -> Trust:
    """Return the roots named on the command line, else those of the installation, else none."""
    if not paths:
        try:
            paths = sorted(settings.load(home_of(options)).trust.glob("*.pem"))
        except HomeMissing:
            paths = []
    # a folder is a trust store: a branch's own, or a copy of it
    files = [file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]
    return load_trust(files, allow_fetching=options.fetch)


def _for_people(path: Path, report: Report, language: Language) -> str:
    told = tell(report, str(path), language)
    lines = [f"{told.mark} {told.file}: {told.verdict.upper()}", *_reasons(told.reasons, "    ")]
    for part in (*told.signatures, *([told.consent] if told.consent else ())):
        lines += _part(part)
    return "\n".join(visible(line) for line in lines) + "\n"


def _part(part: ToldPart) -> Iterator[str]:
    yield f"  {part.mark} {part.title}"
    width = max(len(label) for label, _ in part.rows)
    yield from (f"      {label:<{width}}  {text}" for label, text in part.rows)
    yield from _reasons(part.reasons, "      ")


def _reasons(reasons: Iterable[ToldReason], indent: str) -> Iterator[str]:
    for reason in reasons:
        yield f"{indent}! {reason.text}"
        if reason.detail:
            yield f"{indent}  [{reason.detail}]"
