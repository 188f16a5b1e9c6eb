"""The document to sign: bytes in memory, or a file too large to hold. It is never written to."""

from __future__ import annotations

import hashlib
import io
import weakref
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kernel.signing.errors import DocumentUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Overlay", "Source", "source_of"]

_CHUNK = 1 << 20


class Source(ABC):
    """Bytes that are read where they lie. Raises DocumentUnreadable where they cannot be."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._hashed: dict[str, Any] = {}

    @abstractmethod
    def read(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes from `offset`; fewer at the end."""

    @abstractmethod
    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield all bytes in order."""

    @abstractmethod
    def overlay(self) -> Overlay:
        """Return a stream of these bytes; what is written behind their end is kept apart."""

    def hashed(self, algorithm: str) -> Any:
        """Return a hash of hashlib that has taken in all bytes, the caller's own to go on with."""
        if algorithm not in self._hashed:
            running = hashlib.new(algorithm)
            for chunk in self.chunks():
                running.update(chunk)
            self._hashed[algorithm] = running
        return self._hashed[algorithm].copy()

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of all bytes."""
        return str(self.hashed("sha256").hexdigest())


class Overlay(io.BufferedRandom):
    """A readable and writable stream over a source. Only behind the source's end may be written."""

    def __init__(self, base: IO[bytes], size: int) -> None:
        self._layers = _Layers(base, size)
        # an error on the way may keep the stream a while, and its file must not stay open behind it
        weakref.finalize(self, base.close)
        super().__init__(self._layers)

    def appended(self) -> bytes:
        """Return what was written behind the end."""
        self.flush()
        return self._layers.upper.getvalue()


class _Layers(io.RawIOBase):
    def __init__(self, base: IO[bytes], size: int) -> None:
        super().__init__()
        self.upper = io.BytesIO()
        self._base, self._size, self._place = base, size, 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        end = self._size + self.upper.getbuffer().nbytes
        self._place = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: end}[whence], 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        if self._place < self._size:
            self._base.seek(self._place)
            data = self._base.read(min(len(buffer), self._size - self._place))
        else:
            self.upper.seek(self._place - self._size)
            data = self.upper.read(len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def write(self, data: Any) -> int:
        if self._place < self._size:
            raise OSError("the document itself is not written to")
        self.upper.seek(self._place - self._size)
        count = self.upper.write(data)
        self._place += count
        return count

    def close(self) -> None:
        self._base.close()
        super().close()


class _InMemory(Source):
    def __init__(self, content: bytes) -> None:
        super().__init__(len(content))
        self._content = content

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]

    def chunks(self) -> Iterator[bytes]:
        yield self._content

    def overlay(self) -> Overlay:
        return Overlay(io.BytesIO(self._content), self.size)


class _OnDisk(Source):
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
            # closed with the last who reads: an error on the way may keep the source a while
            weakref.finalize(self, self._file.close)
            super().__init__(path.stat().st_size)
        except OSError as problem:
            raise DocumentUnreadable(file=path, detail=problem.strerror) from problem

    def read(self, offset: int, length: int) -> bytes:
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as problem:
            raise DocumentUnreadable(file=self._path, detail=problem.strerror) from problem

    def chunks(self) -> Iterator[memoryview]:
        buffer, place = bytearray(min(_CHUNK, self.size)), 0
        try:
            self._file.seek(0)
            while count := self._file.readinto(buffer):
                place += count
                yield memoryview(buffer)[:count]
        except OSError as problem:
            raise DocumentUnreadable(file=self._path, detail=problem.strerror) from problem

    def overlay(self) -> Overlay:
        try:
            return Overlay(self._path.open("rb"), self.size)
        except OSError as problem:
            raise DocumentUnreadable(file=self._path, detail=problem.strerror) from problem


def source_of(document: bytes | Path) -> Source:
    """Return where a document is read from. Raises DocumentUnreadable."""
    return _OnDisk(document) if isinstance(document, Path) else _InMemory(document)
