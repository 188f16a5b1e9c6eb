"""Fixtures of the signer tests: a SoftHSM home, its signer process, and what the process wrote down."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.tokens.client import Signer
from kernel.tokens.journal import LogLine, read_log
from kernel.tokens.settings import SignerSettings
from tests.softhsm import Master, SoftHsm, master, master_of_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[SignerSettings], Signer]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def one(tmp_path: Path) -> SoftHsm:
    return master().hsm.copy(tmp_path / "hsm")


@pytest.fixture
def start() -> Iterator[Callable[[SignerSettings], Signer]]:
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(closing(Signer(settings)))


@pytest.fixture
def signer(one: SoftHsm, state: Path, start: Start) -> Signer:
    return start(one.settings(state))


@pytest.fixture
def many(tmp_path: Path, state: Path, start: Start) -> tuple[Signer, Master]:
    made = master_of_many()
    return start(made.hsm.copy(tmp_path / "hsm").settings(state)), made


def unless_denied(path: Path) -> bytes:
    """Return what stands in a file of /proc; the signer's are closed to all but root."""
    try:
        return path.read_bytes()
    except PermissionError:
        return b""


def log(state: Path) -> list[LogLine]:
    return read_log(state)


def signed(state: Path) -> list[str]:
    """Return the requests the journal holds a signature of."""
    return [line.request for line in read_log(state) if line.result == "signed"]


@contextmanager
def full_disk(signer: Signer) -> Iterator[None]:
    """Let the signer's process write into no file."""
    import resource

    assert signer.pid is not None
    before = resource.prlimit(signer.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(signer.pid, resource.RLIMIT_FSIZE, before)
