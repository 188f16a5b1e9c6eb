"""`quaydien stamp`: the images that visible signatures show, as administrators' data."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from console.commands import Exit
from console.main import home_of, print_error, print_json
from kernel import settings
from kernel.api.messages import message
from kernel.api.text import Language, visible
from kernel.casework.stamp_images import SEAL, KeptImage, add_image, images, remove_image
from kernel.documents.stamp_errors import ImageUnreadable, StampImageError
from kernel.errors import NotFound, StorageFull
from kernel.settings import Settings
from kernel.storage.blobs import Blobs
from kernel.storage.engine import open_engine

WRONG_USE = (StampImageError, NotFound)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="các hình đang dùng · the images in use")
    adding = verbs.add_parser("add", help="nhận một hình · take an image in")
    adding.add_argument("file", type=Path, metavar="TỆP", help="PNG nền trong suốt hoặc SVG · transparent PNG or SVG")
    adding.add_argument("--mm", type=float, help="bề ngang thật · real width; dấu 36, chữ ký 40")
    removing = verbs.add_parser("remove", help="thôi dùng một hình · use an image no more")
    for verb in (adding, removing):
        owner = verb.add_mutually_exclusive_group(required=True)
        owner.add_argument("--person", metavar="TÊN", help="chữ ký của người này · this person's signature")
        owner.add_argument("--seal", action="store_true", help="con dấu của đơn vị · the organisation's seal")
    previewing = verbs.add_parser("preview", help="vẽ một văn bản mẫu, không ký · draw a sample, unsigned")
    previewing.add_argument("out", type=Path, metavar="TỆP.pdf")
    previewing.add_argument("--person", default="", metavar="TÊN")
    for verb in (listing, adding, removing, previewing):
        verb.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Do one of them; 2 for an image or a person that won't do."""
    chosen = settings.load(home_of(options))
    try:
        return _VERBS[options.verb](options, chosen)
    except WRONG_USE as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE


def _list(options: argparse.Namespace, chosen: Settings) -> int:
    found = images(open_engine(chosen.database_url), chosen.branch.code)
    if options.json:
        print_json([_as_json(one) for one in found])
        return Exit.DONE
    for one in found:
        _say(f"✓ {_what(one, options.lang)} · {_size(one, options.lang)}")
        _say(f"    {one.added_by} · SHA-256 {one.sha256}")
    if not found:
        _say(message("stamp.text.none", options.lang))
    return Exit.DONE


def _add(options: argparse.Namespace, chosen: Settings) -> int:
    try:
        content = options.file.read_bytes()
    except OSError as problem:
        raise ImageUnreadable(detail=f"{options.file}: {problem.strerror}") from problem
    added = add_image(
        open_engine(chosen.database_url),
        Blobs(chosen.blobs),
        unit=chosen.branch.code,
        staff=_owner(options),
        content=content,
        millimetres=options.mm,
        by=getpass.getuser(),
    )
    return _told(options, added, "added")


def _remove(options: argparse.Namespace, chosen: Settings) -> int:
    engine = open_engine(chosen.database_url)
    gone = remove_image(engine, unit=chosen.branch.code, staff=_owner(options), by=getpass.getuser())
    return _told(options, gone, "removed")


def _preview(options: argparse.Namespace, chosen: Settings) -> int:
    # imported late: only this verb draws documents
    from console.wiring import close_office, open_office
    from kernel.casework.stamp_preview import sample_sheet

    office = open_office(chosen.home)
    try:
        pdf = sample_sheet(office, options.person)
    finally:
        close_office(office)
    try:
        options.out.write_bytes(pdf)
    except OSError as problem:
        raise StorageFull(path=options.out, detail=problem.strerror) from problem
    if options.json:
        print_json({"file": str(options.out)})
    else:
        _say(message("stamp.text.drawn", options.lang, path=options.out))
    return Exit.DONE


_VERBS = {"list": _list, "add": _add, "remove": _remove, "preview": _preview}


def _owner(options: argparse.Namespace) -> str:
    return SEAL if options.seal else str(options.person)


def _told(options: argparse.Namespace, image: KeptImage, what: str) -> int:
    if options.json:
        print_json(_as_json(image))
    else:
        facts = {"what": _what(image, options.lang), "size": _size(image, options.lang)}
        _say(message(f"stamp.text.{what}", options.lang, **facts))
    return Exit.DONE


def _what(image: KeptImage, language: Language) -> str:
    return message(f"stamp.text.{'signature' if image.staff else 'seal'}", language, name=image.name)


def _size(image: KeptImage, language: Language) -> str:
    width, height = (f"{length:.1f}" for length in (image.width, image.height))
    comma = language == "vi"
    return message(
        "stamp.text.size",
        language,
        width=width.replace(".", ",") if comma else width,
        height=height.replace(".", ",") if comma else height,
    )


def _as_json(image: KeptImage) -> dict[str, Any]:
    kind = "signature" if image.staff else "seal"
    return {"kind": kind, **asdict(image), "at": image.at.isoformat()}


def _say(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")
