"""The history of the schema, in Alembic revisions, the same for SQLite and PostgreSQL."""

from __future__ import annotations
