"""`quaydien token init`: a label, the security officer's PIN, the user's PIN."""

from __future__ import annotations

import argparse
import sys

from console.commands import Exit
from console.commands.token.secrets import NEW_PIN, SO_PIN, ask, ask_new
from console.commands.token.targets import Target, the_module, the_token
from console.main import print_json
from kernel.api.messages import message
from kernel.api.text import visible
from kernel.tokens.errors import TokenContentAtStake


def run(options: argparse.Namespace) -> int:
    """Initialise a token that never was, or the one of `--serial` if its content may be erased."""
    if options.serial and not options.erase:
        with the_token(options) as chosen:
            raise TokenContentAtStake(token=chosen.token.label, serial=chosen.token.serial)
    target = _target(options)
    so_pin, pin = ask(SO_PIN), ask_new(NEW_PIN)
    token = target.administration().init_token(
        label=options.label, so_pin=so_pin, pin=pin, serial=options.serial or None
    )
    target.counter().forget(token.serial)
    if options.json:
        print_json(target.as_json(token))
    else:
        said = message("device.done.init", options.lang, token=token.label, serial=token.serial)
        sys.stdout.write(visible(said) + "\n")
        for name in ("pin_to_be_changed", "so_pin_to_be_changed"):
            if getattr(token, name):
                sys.stdout.write(f"  ! {message(f'device.list.{name}', options.lang)}\n")
    return Exit.DONE


def _target(options: argparse.Namespace) -> Target:
    if not options.serial:
        return the_module(options)
    with the_token(options) as chosen:
        return chosen.target
