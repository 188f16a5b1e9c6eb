"""`quaydien token test`: from the driver to a signature, one line a check, and what to do about each that fails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from console.commands import Exit
from console.commands.token.secrets import PIN, ask
from console.commands.token.targets import Target, chosen_settings, the_module, the_token
from console.main import print_json
from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.api.messages import message
from kernel.api.text import Language, visible
from kernel.signing.certificates import check_certificate, describe, refuse_unfit
from kernel.signing.errors import CertificateInvalid
from kernel.signing.report import Verdict
from kernel.signing.trust import Trust, load_trust
from kernel.tokens.client import Signer
from kernel.tokens.errors import NoToken, TokenNotNamed
from kernel.tokens.shapes import TokenCertificate, TokenInfo, Trial

State = Literal["ok", "warning", "failed"]
MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}
_OF_TRIAL: dict[str, State] = {"ok": "ok", "refused": "warning", "wrong": "failed"}
_SOON = timedelta(days=30)
_FEW = 2


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found; `advice` is empty where there is nothing to do."""

    name: str
    state: State
    finding: str
    advice: str = ""


class _Bench:
    def __init__(self, language: Language) -> None:
        self.language = language

    def line(self, name: str, state: State, key: str, /, **facts: object) -> Line:
        """Return a line whose words stand under `device.test.KEY`, with its advice unless all is well."""
        found = message(f"device.test.{key}.finding", self.language, **facts)
        advice = "" if state == "ok" else message(f"device.test.{key}.advice", self.language, **facts)
        return Line(name, state, found, advice)

    def error(self, name: str, error: QuayDienError) -> Line:
        """Return the line of an error."""
        said = error.diagnosis(self.language)
        return Line(name, "failed", f"{said.title}: {said.cause}", said.advice)


def run(options: argparse.Namespace) -> int:
    """Run the battery; 1 when a check failed."""
    chosen = chosen_settings(options)
    trust = load_trust(sorted(chosen.trust.glob("*.pem"))) if chosen else Trust()
    practice = chosen is not None and chosen.branch.practice
    lines: list[Line] = []
    trials: dict[str, tuple[Trial, ...]] = {}
    for line in _battery(options, trust, trials, practice=practice):
        lines.append(line)
        if not options.json:
            _tell(line)
    if options.json:
        mechanisms = {sha256: [asdict(trial) for trial in tried] for sha256, tried in trials.items()}
        print_json({"checks": [asdict(line) for line in lines], "mechanisms": mechanisms})
    return Exit.NO if any(line.state == "failed" for line in lines) else Exit.DONE


def _battery(
    options: argparse.Namespace, trust: Trust, trials: dict[str, tuple[Trial, ...]], *, practice: bool
) -> Iterator[Line]:
    bench = _Bench(options.lang)
    try:
        with the_token(options) as chosen:
            target, token = chosen.target, chosen.token
            held = [one for one in chosen.administration.list_certificates() if one.token_serial == token.serial]
    except TokenNotNamed:
        raise
    except NoToken as error:
        yield _module(bench, the_module(options), practice=practice)
        yield bench.error("token", error)
        return
    except QuayDienError as error:
        yield bench.error("module", error)
        return
    yield _module(bench, target, practice=practice)
    yield from _token(bench, target, token)
    own = [one for one in held if _is_own(one)]
    if not own:
        yield bench.line("certificate", "failed", "no_certificate", found=len(held))
    above = [one.der for one in held if one not in own]
    for one in own:
        yield _certificate(bench, one, above, trust)
    if own and not options.no_sign:
        yield from _signatures(bench, target, token, own, trials)


def _module(bench: _Bench, target: Target, *, practice: bool) -> Line:
    vendor = target.vendor
    facts = {"vendor": vendor.name if vendor else "?", "path": target.settings.module}
    if vendor is not None and vendor.kind == "software" and not practice:
        return bench.line("module", "warning", "module_soft", **facts)
    return bench.line("module", "ok", "module", **facts)


def _token(bench: _Bench, target: Target, token: TokenInfo) -> Iterator[Line]:
    facts = {
        "token": token.label or token.serial,
        "serial": token.serial,
        "model": f"{token.manufacturer} {token.model}",
    }
    yield bench.line("token", "ok", "token", **facts)
    if not token.pin_set or token.pin_to_be_changed:
        yield bench.line("pin", "failed", "pin_to_set", **facts)
    if token.so_pin_to_be_changed:
        yield bench.line("so_pin", "warning", "so_pin_to_change", **facts)
    left = target.tries_left(token)
    if left is None:
        yield bench.line("tries", "ok", "tries_unknown")
    elif left <= _FEW:
        yield bench.line("tries", "failed" if left <= 1 else "warning", "tries_few", tries=left)
    else:
        yield bench.line("tries", "ok", "tries", tries=left)


def _is_own(one: TokenCertificate) -> bool:
    """Tell whether a certificate is somebody's, and not an authority's that lies beside it."""
    try:
        return one.has_key is True or bool(describe(one.der).uid)
    except CertificateInvalid:
        return False


def _certificate(bench: _Bench, one: TokenCertificate, above: list[bytes], trust: Trust) -> Line:
    info, now = describe(one.der), clock.now()
    facts = {"name": info.name, "uid": info.uid or "–", "issuer": info.issuer, "until": clock.day(info.until)}
    try:
        refuse_unfit(one.der, now)
    except QuayDienError as error:
        return bench.error("certificate", error)
    status = check_certificate(one.der, above, trust)
    facts["why"] = "; ".join(reason.text(bench.language) for reason in status.reasons)
    if status.verdict is Verdict.INVALID:
        return bench.line("certificate", "failed", "certificate_refused", **facts)
    if status.verdict is not Verdict.VALID:
        return bench.line("certificate", "warning", "certificate_unknown", **facts)
    if info.until < now + _SOON:
        return bench.line("certificate", "warning", "certificate_soon", **facts)
    return bench.line("certificate", "ok", "certificate", **facts)


def _signatures(
    bench: _Bench, target: Target, token: TokenInfo, own: list[TokenCertificate], trials: dict[str, tuple[Trial, ...]]
) -> Iterator[Line]:
    signer = Signer(target.settings)
    try:
        pin = None if token.protected_path else ask(PIN)
        for one in own:
            tried = trials[one.sha256] = signer.try_mechanisms(one.sha256, pin)
            yield _tried(bench, one, tried)
            for trial in tried:
                yield _trial(bench, trial)
    except QuayDienError as error:
        yield bench.error("signature", error)
    finally:
        signer.close()


def _tried(bench: _Bench, one: TokenCertificate, tried: tuple[Trial, ...]) -> Line:
    info = describe(one.der)
    good = {trial.scheme for trial in tried if trial.state == "ok"}
    facts = {"name": info.name, "key": info.key, "good": len(good), "sha256": one.sha256}
    if not good:
        return bench.line("signature", "failed", "signs_nothing", **facts)
    if info.key.startswith("RSA") and not any(scheme.startswith("pss") for scheme in good):
        return bench.line("signature", "warning", "signs_no_pss", **facts)
    return bench.line("signature", "ok", "signs", **facts)


def _trial(bench: _Bench, trial: Trial) -> Line:
    facts = {"scheme": trial.scheme, "ckm": trial.ckm, "detail": trial.detail, "time": trial.milliseconds or 0}
    return bench.line("mechanism", _OF_TRIAL[trial.state], f"trial_{trial.state}", **facts)


def _tell(line: Line) -> None:
    indent = "    " if line.name == "mechanism" else ""
    sys.stdout.write(visible(f"{indent}{MARKS[line.state]} {line.finding}") + "\n")
    if line.advice:
        sys.stdout.write(visible(f"{indent}    → {line.advice}") + "\n")
