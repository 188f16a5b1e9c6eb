"""The process that does the background work, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine

from kernel.jobs import APPLICATION, COLLECT, QUEUES, REMOTE, VERSION, WORKFLOW, Outcome

RETRY_SECONDS = (2, 5, 15, 60, 300)
"""Waiting times after a failed try; the last one is repeated."""

AT_ONCE = 16
"""Dossiers of which something is on its way at the same time: one that waits for its next try keeps its place."""

POLL_SECONDS = 0.2

HOURLY = "7 * * * *"
"""Not on the hour, when everybody asks the time-stamp authorities."""

WAITING_AT_ONCE = 500
"""Signatures elsewhere that are awaited at the same time; one that waits holds no thread."""

ASKS_A_SECOND = 5
"""Questions to remote services at most, however many signatures are awaited."""


def run(
    engine: Engine,
    attempt: Callable[[str], Outcome],
    look: Callable[[str], float | None],
    stop: Event,
    *,
    rounds: Mapping[str, Callable[[], None]],
    ready: Callable[[], None],
) -> None:
    """Work off the queues until `stop` is set, and make the `rounds`, each by its name, once an hour and at the start.

    `attempt` gets the id of an outgoing row and tries once; it is called again after a while when it answers AGAIN,
    also by the next worker after this one was killed. `look` does the same for signatures made elsewhere and says
    itself in how many seconds, None once it is over. Several workers may run on one PostgreSQL.
    """
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "application_version": VERSION,
        "executor_id": "worker",
        "log_level": "WARNING",
    }
    DBOS(config=config)

    @DBOS.step(name="attempt")
    def once(job: str) -> bool:
        return attempt(job) is Outcome.DONE

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
    def deliver(job: str) -> None:
        tries = 0
        while not once(job):
            DBOS.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
            tries += 1

    pace = asyncio.Lock()

    @DBOS.step(name="look")
    async def look_once(job: str) -> float | None:
        async with pace:
            await asyncio.sleep(1 / ASKS_A_SECOND)
        return await asyncio.to_thread(look, job)

    @DBOS.workflow(name=COLLECT, max_recovery_attempts=None)
    async def collect(job: str) -> None:
        while (pause := await look_once(job)) is not None:
            await DBOS.sleep_async(pause)

    @DBOS.step(name="round")
    def once_round(name: str) -> None:
        rounds[name]()

    @DBOS.workflow(name="round")
    def make_round(_planned: datetime, name: str) -> None:
        once_round(name)

    DBOS.launch()
    try:
        DBOS.apply_schedules(
            [{"schedule_name": name, "workflow_fn": make_round, "schedule": HOURLY, "context": name} for name in rounds]
        )
        for queue in QUEUES:
            DBOS.register_queue(
                queue, worker_concurrency=AT_ONCE, partition_concurrency=1, polling_interval_sec=POLL_SECONDS
            )
        DBOS.register_queue(REMOTE, worker_concurrency=WAITING_AT_ONCE, polling_interval_sec=POLL_SECONDS)
        for make in rounds.values():
            make()
        ready()
        stop.wait()
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=5)
