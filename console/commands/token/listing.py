"""`quaydien token list`: the signing devices of this machine; with `--search` the drivers it has."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from console.commands import Exit
from console.commands.token.targets import Target, chosen_settings, targets
from console.main import print_error, print_json
from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.api.messages import message
from kernel.api.text import Language, visible
from kernel.errors import HomeMissing
from kernel.signing.certificates import describe
from kernel.signing.errors import CertificateInvalid
from kernel.tokens.administration import Administration
from kernel.tokens.errors import TokenError
from kernel.tokens.modules import find_modules
from kernel.tokens.shapes import TokenCertificate, TokenInfo


def run(options: argparse.Namespace) -> int:
    """List tokens and certificates of every module; 3 when a module can't be used."""
    if options.search:
        return _search(options)
    found: list[dict[str, Any]] = []
    failed = False
    for target in targets(options):
        try:
            with target.administration() as administration:
                tokens, certificates = administration.list_tokens(), administration.list_certificates()
        except TokenError as error:
            print_error(error, options.lang)
            failed = True
            continue
        for token in tokens:
            mine = [one for one in certificates if one.token_serial == token.serial]
            found.append({**target.as_json(token), "certificates": [_as_json(one) for one in mine]})
            if not options.json:
                _tell(target, token, mine, options.lang)
    if options.json:
        print_json(found)
    elif not found and not failed:
        _say(message("device.list.none", options.lang))
    return Exit.OUTSIDE if failed else Exit.DONE


def _tell(target: Target, token: TokenInfo, certificates: list[TokenCertificate], language: Language) -> None:
    label = token.label or message("device.list.no_label", language)
    _say(f"◆ {label} · {token.serial} · {target.vendor_name or token.manufacturer} · {target.id}")
    left = target.tries_left(token)
    notes = [
        message("device.list.tries", language, tries=left) if left is not None else "",
        *(message(f"device.list.{name}", language) for name in _NOTES if getattr(token, name)),
    ]
    said = [note for note in notes if note]
    if said:
        _say(f"    {' · '.join(said)}")
    for one in certificates:
        try:
            info = describe(one.der)
        except CertificateInvalid as error:
            _say(f"    ! {error.diagnosis(language).title}")
            continue
        _say(f"    {info.name} · {info.uid or 'CA'} · {info.issuer} · {info.key} · → {clock.day(info.until)}")


_NOTES = (
    "pin_locked",
    "pin_final_try",
    "pin_to_be_changed",
    "so_pin_to_be_changed",
    "write_protected",
    "protected_path",
)


def _as_json(one: TokenCertificate) -> dict[str, Any]:
    told: dict[str, Any] = {"sha256": one.sha256, "label": one.label, "key_id": one.key_id}
    try:
        info = describe(one.der)
    except CertificateInvalid:
        return told
    return {
        **told,
        "name": info.name,
        "uid": info.uid,
        "issuer": info.issuer,
        "serial": info.serial,
        "key": info.key,
        "valid_from": info.since.isoformat(),
        "valid_to": info.until.isoformat(),
    }


def _search(options: argparse.Namespace) -> int:
    try:
        chosen = chosen_settings(options)
    except HomeMissing:
        chosen = None
    configured = {one.path.resolve(): one.id for one in chosen.signing.modules} if chosen else {}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for module in find_modules():
            tokens, problem = _tried(module.path, Path(scratch) / "log", options.lang)
            rows.append(
                {
                    "path": str(module.path),
                    "vendor": module.vendor.name,
                    "kind": module.vendor.kind,
                    "configured": configured.get(module.path.resolve()),
                    "usable": not problem,
                    "tokens": tokens,
                    "problem": problem,
                }
            )
    if options.json:
        print_json(rows)
        return Exit.DONE
    for row in rows:
        note = f" · signing.modules: {row['configured']}" if row["configured"] else ""
        state = row["problem"] or message("device.list.tokens", options.lang, count=row["tokens"])
        _say(f"{'✓' if row['usable'] else '!'} {row['vendor']} · {row['path']} · {state}{note}")
    if not rows:
        _say(message("device.list.no_modules", options.lang))
    return Exit.DONE


def _tried(module: Path, log: Path, language: Language) -> tuple[int, str]:
    """Return how many tokens a module shows, and what is wrong with it."""
    try:
        return len(Administration(module, log=log).list_tokens()), ""
    except QuayDienError as error:
        said = error.diagnosis(language)
        return 0, f"{said.title}: {said.cause}"


def _say(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")
