"""`quaydien trust`: the authorities whose signatures and time stamps this branch believes, as administrators' data."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from console.commands import Exit
from console.main import home_of, print_error, print_json
from kernel import clock, settings
from kernel.api.messages import message
from kernel.api.text import Language, visible
from kernel.casework.trust_admin import add_trusted, remove_trusted
from kernel.settings import Settings
from kernel.signing.errors import (
    FingerprintDiffers,
    NotAnAuthority,
    TrustEntryKnown,
    TrustEntryUnknown,
    TrustUnreadable,
)
from kernel.signing.trust import TrustPurpose
from kernel.signing.trust_blocks import write_block
from kernel.signing.trust_store import RevocationList, TrustEntry, read_store
from kernel.storage.engine import open_engine

WRONG_USE = (FingerprintDiffers, NotAnAuthority, TrustEntryKnown, TrustEntryUnknown, TrustUnreadable)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="chứng thư và danh sách thu hồi · certificates and revocation lists")
    adding = verbs.add_parser("add", help="tin cậy thêm chứng thư · trust more certificates")
    adding.add_argument("files", nargs="+", type=Path, metavar="TỆP")
    adding.add_argument(
        "--purpose",
        action="append",
        type=TrustPurpose,
        choices=list(TrustPurpose),
        help="chỉ tin cho việc này · for this alone; signing | time_stamping",
    )
    adding.add_argument("--sha256", default="", help="dấu vân tay phải đúng thế này · the fingerprint it must have")
    removing = verbs.add_parser("remove", help="thôi tin cậy · trust no longer")
    showing = verbs.add_parser("show", help="xem một chứng thư · show a certificate")
    for verb in (removing, showing):
        verb.add_argument("fingerprint", metavar="SHA256", help="phần đầu là đủ · its beginning suffices")
    for verb in (listing, adding, removing, showing):
        verb.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Do one of them; 2 for a certificate that is not there or not fit."""
    chosen = settings.load(home_of(options))
    try:
        return _VERBS[options.verb](options, chosen)
    except WRONG_USE as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE


def _list(options: argparse.Namespace, chosen: Settings) -> int:
    store = read_store(chosen.trust)
    if options.json:
        print_json(
            {
                "folder": str(store.folder),
                "certificates": [_as_json(one, chosen) for one in store.certificates],
                "revocation_lists": [_list_as_json(one) for one in store.lists],
            }
        )
        return Exit.DONE
    _say(str(store.folder))
    for entry in store.certificates:
        _tell(entry, chosen, options.lang)
    for one in store.lists:
        until = clock.shown(one.until) if one.until else "–"
        said = message("trust.text.list", options.lang, issuer=one.issuer, until=until, revoked=one.revoked)
        _say(f"  {'!' if _late(one) else '·'} {said} · {one.file.name}")
    if not store.certificates:
        _say("  " + message("trust.text.none", options.lang))
    return Exit.DONE


def _add(options: argparse.Namespace, chosen: Settings) -> int:
    engine = open_engine(chosen.database_url)
    added: list[TrustEntry] = []
    for path in options.files:
        purposes = options.purpose or list(TrustPurpose)
        added += add_trusted(chosen, engine, path, purposes=purposes, by=getpass.getuser(), fingerprint=options.sha256)
    return _told(options, chosen, added, "added")


def _remove(options: argparse.Namespace, chosen: Settings) -> int:
    engine = open_engine(chosen.database_url)
    gone = remove_trusted(chosen, engine, options.fingerprint, by=getpass.getuser())
    return _told(options, chosen, [gone], "removed")


def _show(options: argparse.Namespace, chosen: Settings) -> int:
    entry = read_store(chosen.trust).entry(options.fingerprint)
    pem = write_block(entry.der, "", {}).decode("ascii").lstrip()
    if options.json:
        print_json({**_as_json(entry, chosen), "pem": pem})
        return Exit.DONE
    _tell(entry, chosen, options.lang)
    facts = _as_json(entry, chosen)
    for name in ("issuer", "serial", "key", "valid_from", "valid_to", "added_at", "added_by", "file"):
        _say(f"      {message(f'trust.label.{name}', options.lang)}: {_shown(facts[name])}")
    sys.stdout.write(pem)
    return Exit.DONE


_VERBS = {"list": _list, "add": _add, "remove": _remove, "show": _show}


def _told(options: argparse.Namespace, chosen: Settings, entries: list[TrustEntry], what: str) -> int:
    if options.json:
        print_json([_as_json(one, chosen) for one in entries])
        return Exit.DONE
    for entry in entries:
        _say(message(f"trust.text.{what}", options.lang))
        _tell(entry, chosen, options.lang)
    return Exit.DONE


def _tell(entry: TrustEntry, chosen: Settings, language: Language) -> None:
    state = entry.state(clock.now())
    marks = [message(f"trust.purpose.{one}", language) for one in sorted(entry.purposes)] if entry.root else []
    kinds = [message(f"trust.text.{'root' if entry.root else 'intermediate'}", language), *marks]
    if _practice(entry, chosen):
        kinds.append(message("trust.text.practice", language))
    period = f"{clock.day(entry.info.since)} – {clock.day(entry.info.until)}"
    _say(f"  {'✓' if state == 'valid' else '!'} {entry.info.name} · {', '.join(kinds)}")
    _say(f"      {period} · {message(f'trust.state.{state}', language)}")
    _say(f"      SHA-256 {entry.sha256}")


def _practice(entry: TrustEntry, chosen: Settings) -> bool:
    # practice branches made by earlier versions do not say so in the file
    return entry.practice or (chosen.branch.practice and entry.added_at is None)


def _as_json(entry: TrustEntry, chosen: Settings) -> dict[str, Any]:
    return {
        "sha256": entry.sha256,
        "name": entry.info.name,
        "issuer": entry.info.issuer,
        "serial": entry.info.serial,
        "key": entry.info.key,
        "kind": "root" if entry.root else "intermediate",
        "purposes": sorted(entry.purposes) if entry.root else [],
        "valid_from": entry.info.since.isoformat(),
        "valid_to": entry.info.until.isoformat(),
        "state": entry.state(clock.now()),
        "practice": _practice(entry, chosen),
        "added_at": entry.added_at.isoformat() if entry.added_at else None,
        "added_by": entry.added_by,
        "file": str(entry.file),
    }


def _list_as_json(one: RevocationList) -> dict[str, Any]:
    return {
        "issuer": one.issuer,
        "this_update": one.made.isoformat(),
        "next_update": one.until.isoformat() if one.until else None,
        "revoked": one.revoked,
        "state": "late" if _late(one) else "valid",
        "file": str(one.file),
    }


def _late(one: RevocationList) -> bool:
    return one.until is not None and one.until < clock.now()


def _shown(value: object) -> str:
    return str(value) if value else "–"


def _say(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")
