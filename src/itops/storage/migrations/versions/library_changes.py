"""What changed in the library, one row a change; what sync has seen; what people say of an instruction's use."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the library's changes are counted from now on."""
    op.create_table(
        "instruction_changes",
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("token", sa.String(16), nullable=False),
    )
    op.create_table(
        "instruction_sources",
        sa.Column("folder", sa.String(500), primary_key=True),
        sa.Column("path", sa.String(500), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
    )
    op.create_table(
        "instruction_feedback",
        sa.Column("task", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("opinion", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("ix_instruction_feedback_id", "instruction_feedback", ["id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("instruction_feedback", "instruction_sources", "instruction_changes"):
        op.drop_table(table)
