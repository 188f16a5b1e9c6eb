"""A plain PDF file, read just as far as a signature needs: tables looked up, dictionaries cut out, nothing built.

Plain is what this program draws: tables and no streams of cross-references (ISO 32000-1, 7.5.4), no encryption, no
certification, an AcroForm whose signature fields are merged with their widgets, names without escapes. Of anything
else `plain_field` says None, and pyHanko reads the file from end to end. Loading the tables of a seven-page contract
takes pyHanko longer than a token takes to sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.signing.source import Source

__all__ = ["PlainField", "plain_field"]

Dictionary = dict[bytes, bytes]
"""A PDF dictionary: key to value, each as written in the file."""

_END = re.compile(rb"startxref\r?\n(\d{1,12})\r?\n%%EOF[\r\n]*\Z")
_SECTION = re.compile(rb"(\d{1,10}) (\d{1,10}) ?\r?\n")
_ENTRY = re.compile(rb"(\d{10}) 00000 n[ \r][\r\n]")
_TRAILER = re.compile(rb"trailer\s*")
_OBJECT = re.compile(rb"\s*(?=<<|\[)")
_REFERENCE = re.compile(rb"(\d{1,10}) 0 R")
_TOKEN = re.compile(
    rb"\s*(<<|>>|\[|\]|/[^\0-\x20<>\[\](){}/%#]*|\((?:[^\\()]|\\[\0-\xff])*\)|<[0-9A-Fa-f\s]*>|[-+.0-9A-Za-z]+)"
)
_ENTRY_OF_ONE = re.compile(
    rb"\s*(/[^\0-\x20<>\[\](){}/%#]+)\s*"
    rb"(\d{1,10} \d{1,5} R|/[^\0-\x20<>\[\](){}/%#]+|\[[-+.0-9A-Za-z\s]*\]|<[0-9A-Fa-f]+>|[-+.0-9A-Za-z]+"
    rb"|\((?:[^\\()]|\\[\0-\xff])*\)|<<[-+.0-9A-Za-z/\s]*>>)(?=\s*[/>])"
)
"""Most entries of a dictionary at one go: a key with a reference, name, number, string, flat array or dictionary."""
_REFERENCE_GOES_ON = re.compile(rb"\s+\d{1,5}\s+R(?=[\s/>\]])")
_ENTRY_SIZE = 20
_TAIL, _WINDOW, _WIDEST = 64, 2048, 1 << 20
_REVISIONS = 64
_NOT_PLAIN = frozenset({b"/V", b"/Kids", b"/Lock", b"/SV", b"/Parent"})


class _NotPlain(Exception):
    """Something this module does not read."""


@dataclass(frozen=True, slots=True)
class PlainField:
    """An empty signature field of a plain file, and what an update that fills it builds on."""

    number: int
    dictionary: Mapping[bytes, bytes]
    size: tuple[float, float]
    """Width and height of its widget, in points."""
    trailer: Mapping[bytes, bytes]
    first_free: int
    """The lowest object number not in use."""
    last_table: int
    """Offset of the newest cross-reference table."""
    ends_with_line: bool

    @property
    def first_id(self) -> bytes:
        """The first of the file's two identifiers (ISO 32000-1, 14.4), as written; empty without one."""
        return _token(self.trailer[b"/ID"], 1)[0] if b"/ID" in self.trailer else b""


def plain_field(source: Source, name: str) -> PlainField | None:
    """Return the empty signature field `name`, None if the file is not plain or has no such field."""
    try:
        return _find(_Tables(source), name)
    except (_NotPlain, PdfError, KeyError, ValueError):
        # whatever is wrong, pyHanko's reader finds it too and has the words for it
        return None


class _Tables:
    """The cross-reference tables of a file, newest first."""

    def __init__(self, source: Source) -> None:
        self._source = source
        tail = source.read(max(source.size - _TAIL, 0), _TAIL)
        end = _END.search(tail)
        if not source.read(0, 8).startswith(b"%PDF-1.") or end is None:
            raise _NotPlain
        self.last_table = int(end.group(1))
        self.ends_with_line = tail[-1:] in (b"\n", b"\r")
        self._sections: list[tuple[int, int, int]] = []
        self.trailer = trailer = self._table(self.last_table)
        seen = {self.last_table}
        while b"/Prev" in trailer:
            place = int(trailer[b"/Prev"])
            if place in seen or len(seen) >= _REVISIONS:
                raise _NotPlain
            seen.add(place)
            trailer = self._table(place)

    def _table(self, place: int) -> Dictionary:
        head = self._source.read(place, 6)
        if head[:5] not in (b"xref\n", b"xref\r"):
            raise _NotPlain
        place += 6 if head == b"xref\r\n" else 5
        while (header := _SECTION.match(self._source.read(place, 24))) is not None:
            first, count = int(header.group(1)), int(header.group(2))
            place += header.end()
            self._sections.append((first, count, place))
            place += count * _ENTRY_SIZE
        window = self._source.read(place, _WINDOW)
        start = _TRAILER.match(window)
        if start is None:
            raise _NotPlain
        trailer = _dictionary(window, start.end())
        if b"/Encrypt" in trailer or b"/XRefStm" in trailer:
            raise _NotPlain
        return trailer

    def place_of(self, number: int) -> int:
        """Return the offset of an object of generation 0 that is in use."""
        for first, count, entries in self._sections:
            if first <= number < first + count:
                entry = _ENTRY.fullmatch(self._source.read(entries + (number - first) * _ENTRY_SIZE, _ENTRY_SIZE))
                if entry is None:
                    break
                return int(entry.group(1))
        raise _NotPlain

    def object(self, number: int) -> bytes:
        """Return the beginning of an object, from its first bracket."""
        place, head, width = self.place_of(number), b"%d 0 obj" % number, _WINDOW
        window = self._source.read(place, width)
        start = _OBJECT.match(window, len(head))
        if not window.startswith(head) or start is None:
            raise _NotPlain
        while b"endobj" not in window and b"stream" not in window:
            if len(window) < width or width >= _WIDEST:
                raise _NotPlain
            width *= 16
            window = self._source.read(place, width)
        return window[start.end() :]

    def resolved(self, value: bytes) -> bytes:
        """Return what a value is or, where it is a reference, what it points to."""
        reference = _REFERENCE.fullmatch(value)
        return value if reference is None else self.object(int(reference.group(1)))


def _find(tables: _Tables, name: str) -> PlainField | None:
    root = _dictionary(tables.resolved(tables.trailer[b"/Root"]))
    form = _dictionary(tables.resolved(root[b"/AcroForm"]))
    # the form must say already that it has signatures and may only be appended to (ISO 32000-1, table 219)
    if b"/Perms" in root or b"/Pages" not in root or b"/XFA" in form or form[b"/SigFlags"] != b"3":
        return None
    for number in _references(tables.resolved(form[b"/Fields"])):
        field = _dictionary(tables.object(number))
        if _text(field[b"/T"]) == name:
            break
    else:
        return None
    if (field[b"/FT"], field[b"/Subtype"]) != (b"/Sig", b"/Widget") or _NOT_PLAIN.intersection(field):
        return None
    if b"/ID" in tables.trailer and not tables.trailer[b"/ID"].startswith(b"["):
        return None
    left, bottom, right, top = (float(number) for number in field[b"/Rect"].strip(b"[] ").split())
    return PlainField(
        number=number,
        dictionary=field,
        size=(abs(right - left), abs(top - bottom)),
        trailer=tables.trailer,
        first_free=int(tables.trailer[b"/Size"]),
        last_table=tables.last_table,
        ends_with_line=tables.ends_with_line,
    )


def _dictionary(window: bytes, start: int = 0) -> Dictionary:
    """Return the dictionary at `start`, its values cut out as they stand."""
    found: Dictionary = {}
    if not window.startswith(b"<<", start):
        raise _NotPlain
    place = start + len(b"<<")
    while True:
        simple = _ENTRY_OF_ONE.match(window, place)
        if simple is not None:
            (key, value), place = simple.groups(), simple.end()
        else:
            key, place = _token(window, place)
            if key == b">>":
                return found
            end = _value_end(window, place)
            value, place = window[place:end].strip(), end
        if key[:1] != b"/" or key in found:
            raise _NotPlain
        found[key] = value


def _value_end(window: bytes, place: int) -> int:
    """Return where the value that begins at `place` ends: one token, a reference, or all up to the last bracket."""
    depth = 0
    while True:
        word, place = _token(window, place)
        depth += (word in (b"<<", b"[")) - (word in (b">>", b"]"))
        if depth < 0:
            raise _NotPlain
        if depth == 0:
            reference = _REFERENCE_GOES_ON.match(window, place)
            return reference.end() if reference is not None and word.isdigit() else place


def _token(window: bytes, place: int) -> tuple[bytes, int]:
    token = _TOKEN.match(window, place)
    if token is None:
        raise _NotPlain
    return token.group(1), token.end()


def _references(array: bytes) -> list[int]:
    end = array.find(b"]")
    numbers = array[1:end].split()
    if array[:1] != b"[" or end < 0 or len(numbers) % 3 or set(numbers[1::3]) > {b"0"} or set(numbers[2::3]) > {b"R"}:
        raise _NotPlain
    return [int(number) for number in numbers[::3]]


@lru_cache(maxsize=256)
def _text(value: bytes) -> str:
    return str(generic.read_object(BytesIO(value), generic.Reference(0, 0, None)))
