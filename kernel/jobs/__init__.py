"""Durable background work on DBOS: what is enqueued in a transaction is done, however often a process dies."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, Literal

QueueName = Literal["cmis", "sms"]

QUEUES: Final[tuple[QueueName, ...]] = ("cmis", "sms")
APPLICATION: Final = "quaydien"
WORKFLOW: Final = "deliver"
VERSION: Final = "1"
"""DBOS recovers only work of its own version: raised when the meaning of a job's argument changes."""


class Outcome(Enum):
    """What became of one try at a job."""

    DONE = auto()
    AGAIN = auto()
