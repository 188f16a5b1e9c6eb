"""Signatures made elsewhere, batches of signatures, and how long a finished document can be proved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "elsewhere",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("base_sha256", sa.String(), nullable=False),
        sa.Column("certificate_der", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("mechanism", sa.String(), nullable=False),
        sa.Column("update", sa.LargeBinary(), nullable=False),
        sa.Column("hole_begin", sa.Integer(), nullable=False),
        sa.Column("hole_end", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("result_sha256", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("document", "expires_at", "state"):
        op.create_index(op.f(f"ix_elsewhere_{column}"), "elsewhere", [column])
    op.create_table(
        "preservation",
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("time_stamp_expires", moment, nullable=True),
        sa.Column("renew_at", moment, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("document"),
    )
    for column in ("renew_at", "state"):
        op.create_index(op.f(f"ix_preservation_{column}"), "preservation", [column])
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("certificate", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_batch_unit"), "batch", ["unit"])
    op.create_table(
        "batch_item",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("batch", "position"),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("batch_item", "batch", "preservation", "elsewhere"):
        op.drop_table(table)
