"""Numbers of documents are counted, and begin anew each year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "counter",
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "series"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("counter")
