"""`quaydien token pin`: a new PIN by the old one or by the security officer's, a new PIN of the officer's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from console.commands import Exit
from console.commands.token.secrets import NEW_PIN, NEW_SO_PIN, PIN, SO_PIN, ask, ask_new
from console.commands.token.targets import Target, flags_of, the_token
from console.main import print_json
from kernel.api.messages import message
from kernel.api.text import visible
from kernel.tokens.errors import PinLocked, PinWrong, TokenError
from kernel.tokens.shapes import TokenInfo


def run(options: argparse.Namespace) -> int:
    """Change one of the PINs, with one try."""
    target, token = the_token(options)
    administration, serial = target.administration(), token.serial
    if options.clear_tries:
        done = "clear_tries"
        target.counter().forget(serial)
    elif options.unblock:
        done, so_pin, new = "unblock", ask(SO_PIN), ask_new(NEW_PIN)
        administration.unblock(serial=serial, so_pin=so_pin, new_pin=new)
        target.counter().forget(serial)
    elif options.so:
        done, old, new = "so_pin", ask(SO_PIN), ask_new(NEW_SO_PIN)
        administration.change_so_pin(serial=serial, old_pin=old, new_pin=new)
    else:
        done, old, new = "pin", ask(PIN), ask_new(NEW_PIN)
        with counted(target, token):
            administration.change_pin(serial=serial, old_pin=old, new_pin=new)
    if options.json:
        print_json({"module": target.id, "token": serial, "done": done})
    else:
        said = message(f"device.done.{done}", options.lang, token=token.label, serial=serial)
        sys.stdout.write(visible(said) + "\n")
    return Exit.DONE


@contextmanager
def counted(target: Target, token: TokenInfo) -> Iterator[None]:
    """Count a PIN that is given to the token now as the signer does, and never let the last try be spent.

    Raises PinFinalTry and PinLocked before it is given, PinWrong with the tries left after it was refused.
    """
    counter, flags = target.counter(), flags_of(token)
    counter.refuse_last(token.serial, flags, token.label)
    counter.spend(token.serial, flags)
    try:
        yield
    except PinWrong:
        now = {one.serial: one for one in target.administration().list_tokens()}.get(token.serial, token)
        raise counter.wrong(token.serial, flags_of(now), token.label) from None
    except PinLocked:
        raise
    except TokenError:
        counter.refund(token.serial)
        raise
    counter.forget(token.serial)
