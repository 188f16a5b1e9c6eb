"""Opening the console: the first frame at once, everything behind it in the background."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from console.keys import prepare_terminal
from kernel.api.messages import message

if TYPE_CHECKING:
    from console.desk import Desk
    from kernel.api.text import Language


@contextmanager
def _nothing(_: Path) -> Iterator[None]:
    yield


def open_console(
    home: Path,
    language: Language,
    hint: str | None = None,
    surroundings: Callable[[Path], AbstractContextManager[None]] = _nothing,
) -> int:
    """Run the console of the installation in `home` until it is closed.

    `hint` is shown at sign-in. `surroundings` is entered behind the first frame and left at the end.
    """
    prepare_terminal()
    # Textual reads what prepare_terminal sets when it is imported
    from console.app import ConsoleApp

    with ExitStack() as behind:

        def desk() -> Desk:
            behind.enter_context(surroundings(home))
            return make_desk(home, language, behind)

        app = ConsoleApp(desk, language, hint, reports=home / "state" / "crashes")
        app.run()
        if app.return_code == 0:
            # the processes beside the console take a few seconds to put their work away
            sys.stderr.write(message("console.closing", language) + "\n")
        return app.return_code or 0


def make_desk(home: Path, language: Language, behind: ExitStack) -> Desk:
    """Open the office of `home`, start what works beside the console, finish what a crash interrupted.

    Called in a worker thread, after the first frame. `behind` gets what has to be closed at the end.
    """
    from console.companions import companion
    from console.kernel_desk import KernelDesk
    from console.wiring import close_office, open_office, open_watch
    from kernel.casework.signing import finish_interrupted

    office = open_office(home)
    behind.callback(close_office, office)
    behind.enter_context(companion(["worker", "--home", str(home)], log=office.settings.state / "worker.log"))
    watch = open_watch(office.settings)
    behind.callback(watch.close)
    desk = KernelDesk(office, watch, language)
    behind.callback(desk.close)
    finish_interrupted(office)
    office.outbox.warm_up()
    return desk
