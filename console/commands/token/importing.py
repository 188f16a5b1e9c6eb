"""`quaydien token import`: a key and its certificate from a file onto a token."""

from __future__ import annotations

import argparse
import sys

from console.commands import Exit
from console.commands.token.pins import counted
from console.commands.token.secrets import PASSWORD, PIN, ask
from console.commands.token.targets import the_token
from console.main import print_json
from kernel import clock
from kernel.api.messages import message
from kernel.api.text import visible
from kernel.signing.certificates import describe, refuse_unfit
from kernel.tokens.identity_file import needs_password, read_identity


def run(options: argparse.Namespace) -> int:
    """Import PKCS#12 or PEM, if the certificate may sign documents today."""
    password = ask(PASSWORD) if needs_password(options.file) else None
    identity = read_identity(options.file, password, options.certificate)
    refuse_unfit(identity.certificate, clock.now())
    info = describe(identity.certificate)
    with the_token(options) as chosen:
        target, token, pin = chosen.target, chosen.token, ask(PIN)
        with counted(chosen):
            chosen.administration.import_identity(
                serial=token.serial,
                pin=pin,
                label=options.label or info.name,
                key_id=identity.key_id,
                key=identity.key,
                certificates=(identity.certificate, *identity.chain),
            )
    if options.json:
        told = {"module": target.id, "token": token.serial, "name": info.name, "uid": info.uid, "issuer": info.issuer}
        print_json({**told, "key": info.key, "key_id": identity.key_id.hex(), "above": len(identity.chain)})
    else:
        said = message("device.done.import", options.lang, name=info.name, key=info.key, token=token.label)
        sys.stdout.write(visible(said) + "\n")
        sys.stdout.write(f"  ! {message('device.done.import_file', options.lang, file=options.file)}\n")
    return Exit.DONE
