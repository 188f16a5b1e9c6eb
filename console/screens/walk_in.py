"""F2: a request at the counter. Choose the service, CMIS gives the code, the form opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.screens.choose import Option, choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.screens.queue import QueueScreen
    from kernel.api.services import Service


def open_walk_in(queue: QueueScreen, typed: Mapping[str, str]) -> None:
    """Ask which service, register the request with what was scanned, and open its form."""
    language = queue.console_app.words.language

    def offer(services: Sequence[Service]) -> None:
        ways = [(service, variant) for service in services for variant in service.variants]
        options = [
            Option(" · ".join(part for part in (service.title(language), variant.title(language)) if part))
            for service, variant in ways
        ]
        name = typed.get("ten_khach_hang", "")
        title = queue.words("walk_in.for_whom", name=name) if name else queue.words("walk_in.title")

        def register(place: int) -> None:
            service, variant = ways[place]
            queue.say(queue.words("walk_in.registering"))
            queue.ask(
                lambda desk: desk.open_walk_in(service.id, variant.id, typed),
                queue.open_dossier,
                group="walk-in",
                hold=True,
            )

        choose(queue, title, options, register)

    queue.ask(lambda desk: desk.services(), offer, group="services", hold=True)
