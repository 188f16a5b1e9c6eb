"""The stand-ins for the outside world of a practice branch, in one process: CMIS, SMS gateway, trust services."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from adapters.cmis.simulator import simulator
from adapters.practice.server import background
from adapters.sms.inbox import inbox
from console.companions import when_left_alone
from console.practice.branch import CA, practice_folder
from console.practice.trust_services import trust_services, trust_url
from kernel import settings

READY = "services.ready"


def serve(home: Path) -> None:
    """Serve them all until standard input closes. `services.ready` is there while they answer."""
    chosen = settings.load(home)
    folder = practice_folder(home)
    ready = folder / READY
    stop = threading.Event()
    when_left_alone(stop.set)
    with ExitStack() as running:
        for app, url in (
            (simulator(folder / "cmis.db"), str(chosen.cmis.options["base_url"])),
            (inbox(folder / "sms.db"), str(chosen.sms.options["url"])),
            (trust_services(folder / CA), trust_url(chosen)),
        ):
            running.enter_context(background(app, port=urlsplit(url).port or 0))
        ready.touch()
        running.callback(ready.unlink, missing_ok=True)
        stop.wait()
