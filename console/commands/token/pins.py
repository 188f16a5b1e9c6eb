"""`quaydien token pin`: a new PIN by the old one or by the security officer's, a new PIN of the officer's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from console.commands import Exit
from console.commands.token.secrets import NEW_PIN, NEW_SO_PIN, PIN, SO_PIN, ask, ask_new
from console.commands.token.targets import Chosen, flags_of, the_token
from console.main import print_json
from kernel.api.messages import message
from kernel.api.text import visible
from kernel.tokens.errors import PinLocked, PinWrong, TokenError


def run(options: argparse.Namespace) -> int:
    """Change one of the PINs, with one try."""
    with the_token(options) as chosen:
        target, token, done = chosen.target, chosen.token, _changed(options, chosen)
    if options.json:
        print_json({"module": target.id, "token": token.serial, "done": done})
    else:
        said = message(f"device.done.{done}", options.lang, token=token.label, serial=token.serial)
        sys.stdout.write(visible(said) + "\n")
    return Exit.DONE


def _changed(options: argparse.Namespace, chosen: Chosen) -> str:
    """Do what was asked; return its name in the catalogue."""
    administration, serial, counter = chosen.administration, chosen.token.serial, chosen.target.counter()
    if options.clear_tries:
        counter.forget(serial)
        return "clear_tries"
    if options.unblock:
        so_pin, new = ask(SO_PIN), ask_new(NEW_PIN)
        administration.unblock(serial=serial, so_pin=so_pin, new_pin=new)
        counter.forget(serial)
        return "unblock"
    if options.so:
        old, new = ask(SO_PIN), ask_new(NEW_SO_PIN)
        administration.change_so_pin(serial=serial, old_pin=old, new_pin=new)
        return "so_pin"
    old, new = ask(PIN), ask_new(NEW_PIN)
    with counted(chosen):
        administration.change_pin(serial=serial, old_pin=old, new_pin=new)
    return "pin"


@contextmanager
def counted(chosen: Chosen) -> Iterator[None]:
    """Count a PIN that is given to the token now as the signer does, and never let the last try be spent.

    Raises PinFinalTry and PinLocked before it is given, PinWrong with the tries left after it was refused.
    """
    token = chosen.token
    counter, flags = chosen.target.counter(), flags_of(token)
    counter.refuse_last(token.serial, flags, token.label)
    counter.spend(token.serial, flags)
    try:
        yield
    except PinWrong:
        now = {one.serial: one for one in chosen.administration.list_tokens()}.get(token.serial, token)
        raise counter.wrong(token.serial, flags_of(now), token.label) from None
    except PinLocked:
        raise
    except TokenError:
        counter.refund(token.serial)
        raise
    counter.forget(token.serial)
