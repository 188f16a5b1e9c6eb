"""Random damage to PDF files, from single bits to well-formed updates, each case made again from its number alone."""

from __future__ import annotations

import itertools
import random
import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]

__all__ = ["KINDS", "mutated", "unchanged"]

_NUMBER = re.compile(rb"(?<![\w.#])-?\d+(?:\.\d+)?")
_NAME = re.compile(rb"/[A-Za-z][A-Za-z0-9.]*")
_REFERENCE = re.compile(rb"(?<!\d)(\d{1,10}) (\d{1,5}) R")
_OBJECT = re.compile(rb"(?<!\d)\d{1,10} \d{1,5} obj\b.*?endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_HEX = re.compile(rb"<([0-9a-fA-F]{200,})>")
_END = re.compile(rb"%%EOF\r?\n?")
_NUMBERS = (b"0", b"1", b"-1", b"2147483648", b"99999999999999999999", b"0.5", b"-0", b"65536")
_VALUES: tuple[Callable[[], generic.PdfObject], ...] = (
    generic.NullObject,
    lambda: generic.NumberObject(-1),
    generic.ArrayObject,
    generic.DictionaryObject,
    lambda: pdf_name("/Sig"),
    lambda: generic.pdf_string("Ệ Ữ đ"),
    lambda: generic.BooleanObject(True),
)


def unchanged(pdf: bytes, originals: Sequence[bytes]) -> bool:
    """Tell whether a file may be called valid: a whole revision or more of an original, byte for byte.

    Line ends behind it and capital letters in hexadecimal strings change nothing for any reader.
    """
    said = _HEX.sub(lambda found: found[0].upper(), pdf).rstrip(b"\r\n")
    return said.endswith(b"%%EOF") and any(
        _HEX.sub(lambda found: found[0].upper(), original).startswith(said) for original in originals
    )


def mutated(pdf: bytes, dice: random.Random, others: Sequence[bytes]) -> tuple[str, bytes]:
    """Return what was done, and `pdf` with one to three kinds of damage; `others` are files to splice from."""
    kinds = [dice.choice(tuple(KINDS)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    for kind in kinds:
        pdf = KINDS[kind](pdf, dice, others)
    return "+".join(kinds), pdf


def _spot(pdf: bytes, dice: random.Random) -> int:
    return dice.randrange(len(pdf) + 1)


def _flip(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    damaged = bytearray(pdf)
    for _ in range(dice.choice((1, 1, 2, 8))):
        if damaged:
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def _truncate(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    return pdf[: _spot(pdf, dice)] if dice.random() < 0.7 else pdf[_spot(pdf, dice) :]


def _cut(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    at = _spot(pdf, dice)
    return pdf[:at] + pdf[at + dice.choice((1, 10, 500, 5000)) :]


def _repeat(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    at, length = _spot(pdf, dice), dice.choice((1, 10, 500, 5000))
    where = dice.choice((at, len(pdf), 0))
    return pdf[:where] + pdf[at : at + length] + pdf[where:]


def _insert(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    at = dice.choice((_spot(pdf, dice), len(pdf)))
    return pdf[:at] + dice.randbytes(dice.choice((1, 4, 40))) + pdf[at:]


def _replace(pattern: re.Pattern[bytes], pick: Callable[[re.Match[bytes], bytes, random.Random], bytes]) -> Mutation:
    def change(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
        # from a random place on: listing every token of a large file would take most of the time
        found = pattern.search(pdf, dice.randrange(len(pdf) + 1)) or pattern.search(pdf)
        return pdf if found is None else pdf[: found.start()] + pick(found, pdf, dice) + pdf[found.end() :]

    return change


def _other_number(found: re.Match[bytes], _pdf: bytes, dice: random.Random) -> bytes:
    try:
        near = b"%d" % (int(found[0]) + dice.choice((-1, 1, 10, -10)))
    except ValueError:
        near = b"1"
    number = dice.choice((near, near, *_NUMBERS))
    # as long as before, where it can be: the places of what follows stay
    return number.rjust(len(found[0]), b"0") if dice.random() < 0.5 and not number.startswith(b"-") else number


def _another(pattern: re.Pattern[bytes]) -> Callable[[re.Match[bytes], bytes, random.Random], bytes]:
    def pick(found: re.Match[bytes], pdf: bytes, dice: random.Random) -> bytes:
        other = pattern.search(pdf, dice.randrange(len(pdf) + 1)) or found
        return other[0]

    return pick


def _swap_objects(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    found = list(_OBJECT.finditer(pdf))
    if len(found) < 2:
        return pdf
    one, other = sorted(dice.sample(found, 2), key=re.Match.start)
    return pdf[: one.start()] + other[0] + pdf[one.end() : other.start()] + one[0] + pdf[other.end() :]


def _splice(pdf: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others) if others else pdf
    if dice.random() < 0.3:
        return pdf + other if dice.random() < 0.5 else other + pdf
    return pdf[: _spot(pdf, dice)] + other[_spot(other, dice) :]


def _revisions(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    """Leave out, repeat or reorder what stands between the ends of file."""
    ends = [0, *(found.end() for found in _END.finditer(pdf))]
    parts = [pdf[a:b] for a, b in itertools.pairwise(ends)]
    if not parts:
        return pdf
    return b"".join(dice.choices(parts, k=dice.randint(1, len(parts) + 1)))


def _envelope(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    """Change bytes of a CMS, or of another long hexadecimal string."""
    found = list(_HEX.finditer(pdf))
    if not found:
        return pdf
    one = dice.choice(found)
    value = bytearray(bytes.fromhex(one[1][: len(one[1]) // 2 * 2].decode()))
    for _ in range(dice.choice((1, 2, 5))):
        value[dice.randrange(min(len(value), 4000))] = dice.randrange(256)
    return pdf[: one.start(1)] + value.hex().encode() + pdf[one.end(1) :]


def _stream(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
    """Change the content of a compressed stream: object and cross-reference streams among them."""
    found = _STREAM.search(pdf, dice.randrange(len(pdf) + 1)) or _STREAM.search(pdf)
    if found is None:
        return pdf
    try:
        plain = bytearray(zlib.decompress(found[1]))
    except zlib.error:
        return pdf
    for _ in range(dice.choice((1, 3))):
        if plain:
            plain[dice.randrange(len(plain))] = dice.randrange(256)
    return pdf[: found.start(1)] + zlib.compress(bytes(plain)).ljust(len(found[1]), b"\0") + pdf[found.end(1) :]


def _updated(*, cloaked: bool) -> Mutation:
    def change(pdf: bytes, dice: random.Random, _others: Sequence[bytes]) -> bytes:
        try:
            return _with_update(pdf, dice, cloaked=cloaked)
        except Exception:  # noqa: BLE001  # a file too broken for the library gets another kind of damage
            return _flip(pdf, dice, ())

    return change


def _with_update(pdf: bytes, dice: random.Random, *, cloaked: bool) -> bytes:
    """Append a well-formed update that changes objects of the file; `cloaked`, beside honest archive data."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    references = sorted({(int(number), int(generation)) for number, generation in _REFERENCE.findall(pdf)})
    for number, generation in dice.sample(references, min(len(references), dice.choice((1, 1, 2, 4)))):
        reference = generic.Reference(number, generation, writer)
        _change(writer.get_object(reference), dice)
        writer.mark_update(reference)
    if cloaked:
        store = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS")})
        certificate = writer.add_object(generic.StreamObject(stream_data=dice.randbytes(200)))
        store[pdf_name("/Certs")] = generic.ArrayObject([certificate])
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _change(target: generic.PdfObject, dice: random.Random) -> None:
    value = dice.choice(_VALUES)()
    if isinstance(target, generic.StreamObject) and dice.random() < 0.5:
        target._data = target.data + b" "
        target._encoded_data = None
    elif isinstance(target, generic.DictionaryObject):
        more = map(pdf_name, ("/V", "/AP", "/Kids", "/AA", "/Annots", "/Rect", "/Resources"))
        # a writer counts the length itself
        key = dice.choice([*(one for one in target if one != "/Length"), *more])
        # null is what a key that is not there means, and the same value again is no change
        same = isinstance(value, generic.NullObject) or target.get(key) == value
        target[key] = generic.NumberObject(-1) if same else value
    elif isinstance(target, generic.ArrayObject):
        target.append(value)


KINDS: dict[str, Mutation] = {
    "flip": _flip,
    "truncate": _truncate,
    "cut": _cut,
    "repeat": _repeat,
    "insert": _insert,
    "number": _replace(_NUMBER, _other_number),
    "name": _replace(_NAME, _another(_NAME)),
    "reference": _replace(_REFERENCE, _another(_REFERENCE)),
    "object": _replace(_OBJECT, _another(_OBJECT)),
    "objects": _swap_objects,
    "splice": _splice,
    "revisions": _revisions,
    "envelope": _envelope,
    "stream": _stream,
    "update": _updated(cloaked=False),
    "cloaked update": _updated(cloaked=True),
}
