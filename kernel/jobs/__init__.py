"""Durable background work on DBOS: what is enqueued in a transaction is done, however often a process dies."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, Literal

QueueName = Literal["cmis", "sms", "archive", "remote"]

QUEUES: Final[tuple[QueueName, ...]] = ("cmis", "sms", "archive")
"""Queues of deliveries, and of work on archived files."""
REMOTE: Final[QueueName] = "remote"
"""Queue of signatures that are being made elsewhere."""
APPLICATION: Final = "quaydien"
WORKFLOW: Final = "deliver"
COLLECT: Final = "collect"
"""Workflow of the remote queue."""
VERSION: Final = "1"
"""DBOS recovers only work of its own version: raised when the meaning of a job's argument changes."""


class Outcome(Enum):
    """What became of one try at a job."""

    DONE = auto()
    AGAIN = auto()
