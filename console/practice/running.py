"""A practice branch at work: its stand-in services started, or found running already."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from console.companions import companion
from console.practice.branch import give_trust_services, move_services, practice_folder
from console.practice.errors import FolderTaken
from console.practice.services import READY
from console.practice.spare import keep_spares
from console.practice.stamp_images import give_images
from console.practice.trust_services import trust_url
from kernel import settings
from kernel.api.errors import AdapterUnavailable
from kernel.storage import schema
from kernel.storage.blobs import Blobs
from kernel.storage.engine import open_engine

START_SECONDS = 30


@contextmanager
def services(home: Path) -> Iterator[None]:
    """Run what stands in for the outside world while the block lasts. Raises FolderTaken for a real branch."""
    if not settings.load(home).branch.practice:
        raise FolderTaken(folder=home)
    _bring_up_to_date(home)
    keep_spares(home)
    ready = practice_folder(home) / READY
    if ready.exists() and all(_answers(port) for port in _ports(home)):
        yield  # another console of this practice branch runs them
        return
    ready.unlink(missing_ok=True)
    if any(_answers(port) for port in _ports(home)):
        move_services(home)
    with companion(["demo", "--serve", "--home", str(home)], log=home / "state" / "services.log"):
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if time.monotonic() > deadline:
                raise AdapterUnavailable(system="CMIS", endpoint="practice", detail=str(home / "state/services.log"))
            time.sleep(0.02)
        yield


def _bring_up_to_date(home: Path) -> None:
    """Bring the database of an older practice branch to the present schema, and give it what it did not have yet."""
    chosen = settings.load(home)
    if chosen.trust_services is None:
        give_trust_services(home)
    engine = open_engine(chosen.database_url)
    try:
        if not schema.status(engine).up_to_date:
            schema.upgrade(engine)
            give_images(engine, Blobs(chosen.blobs))
    finally:
        engine.dispose()


def _ports(home: Path) -> list[int]:
    chosen = settings.load(home)
    urls = (str(chosen.cmis.options["base_url"]), str(chosen.sms.options["url"]), trust_url(chosen))
    return [urlsplit(url).port or 0 for url in urls]


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
