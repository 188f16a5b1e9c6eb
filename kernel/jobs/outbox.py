"""Enqueue a job in the very transaction that makes it necessary. A job carries an id, never personal data."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kernel.jobs import APPLICATION, COLLECT, REMOTE, VERSION, WORKFLOW, QueueName

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions
    from sqlalchemy import Engine
    from sqlmodel import Session


class Outbox:
    """The enqueueing side of the job queues of one database."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url.render_as_string(hide_password=False)

    @cached_property
    def _client(self) -> DBOSClient:
        # imported late: DBOS takes over a second to load
        from dbos import DBOSClient

        # lazy: a second connection inside our write transaction would wait for itself on SQLite
        return DBOSClient(system_database_url=self._url, application_name=APPLICATION, lazy=True)

    def warm_up(self) -> None:
        """Load DBOS now, so that the first job does not wait for it."""
        _ = self._client

    def enqueue(self, session: Session, queue: QueueName, job: str, *, dossier: str) -> None:
        """Enqueue the outgoing row `job` on `queue` with the session's transaction; the same job once only.

        Jobs of one dossier are done one after the other, and hold up no other dossier's. Those of the remote queue wait
        for people, each for itself.
        """
        options: EnqueueOptions = {
            "queue_name": queue,
            "workflow_name": COLLECT if queue == REMOTE else WORKFLOW,
            "workflow_id": job,
            "app_version": VERSION,
        }
        if queue != REMOTE:
            options["queue_partition_key"] = dossier
        self._client.enqueue_in_transaction(session, options, job)
