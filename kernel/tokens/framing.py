"""Length-prefixed frames between the console and the processes at the token.

A frame is a 4-byte big-endian length, that many bytes of JSON (an object), then the binary parts whose lengths stand
in the object's `parts`.
"""

from __future__ import annotations

import json
import struct
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PREFIX = struct.Struct(">I")
_HEADER_LIMIT = 1 << 20
_PARTS_LIMIT = 1 << 29

Frame = tuple[dict[str, Any], list[bytes]]


class FrameError(Exception):
    """The bytes are not a frame, or a frame ended early."""


def write_frame(stream: IO[bytes], header: Mapping[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write one frame and flush. Raises OSError when the other side is gone."""
    text = json.dumps({**header, "parts": [len(part) for part in parts]}).encode()
    stream.write(_PREFIX.pack(len(text)) + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Frame | None:
    """Return the next frame, None at the end of the stream. Raises FrameError and OSError."""
    prefix = stream.read(_PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < _PREFIX.size:
        raise FrameError("prefix")
    (size,) = _PREFIX.unpack(prefix)
    if size > _HEADER_LIMIT:
        raise FrameError("header too long")
    try:
        header = json.loads(_exactly(stream, size))
        lengths = [int(length) for length in header.pop("parts")]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise FrameError("header") from error
    if any(length < 0 for length in lengths) or sum(lengths) > _PARTS_LIMIT:
        raise FrameError("parts too long")
    return header, [_exactly(stream, length) for length in lengths]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise FrameError("short frame")
    return data
