"""Run by Alembic: applies the revisions over the connection that `kernel.storage.schema` hands it."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import kernel.storage.tables  # noqa: F401  # declares the tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
