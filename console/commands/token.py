"""`quaydien token list`: the signing devices of this machine."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from console.commands import Exit
from console.main import home_of, print_error, print_json
from console.wiring import signer_settings
from kernel import clock, settings
from kernel.signing.certificates import describe
from kernel.tokens.client import Signer
from kernel.tokens.errors import TokenError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="thiết bị và chứng thư · devices and certificates")
    listing.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """List tokens and certificates of every module; 3 when a module can't be used."""
    chosen = settings.load(home_of(options))
    found = []
    failed = False
    for module in chosen.signing.modules:
        signer = Signer(signer_settings(chosen, module))
        try:
            tokens, certificates = signer.tokens(), signer.certificates()
        except TokenError as error:
            print_error(error, options.lang)
            failed = True
            continue
        finally:
            signer.close()
        for token in tokens:
            mine = [one for one in certificates if one.token_serial == token.serial]
            infos = [(one, describe(one.der)) for one in mine]
            found.append(
                {
                    "module": module.id,
                    **asdict(token),
                    "certificates": [
                        {
                            "sha256": one.sha256,
                            "name": info.name,
                            "uid": info.uid,
                            "issuer": info.issuer,
                            "valid_from": info.since.isoformat(),
                            "valid_to": info.until.isoformat(),
                        }
                        for one, info in infos
                    ],
                }
            )
            if not options.json:
                sys.stdout.write(f"◆ {token.label} · {token.serial} · {module.id}\n")
                for _, info in infos:
                    until = f"{clock.local(info.until):%d/%m/%Y}"
                    sys.stdout.write(f"    {info.name} · {info.uid or 'CA'} · {info.issuer} · → {until}\n")
    if options.json:
        print_json(found)
    return Exit.OUTSIDE if failed else Exit.DONE
