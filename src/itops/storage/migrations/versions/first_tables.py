"""The first tables: events, approvals, leases, instructions and their versions, the library's state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INDEXED = (
    ("events", "task"),
    ("events", "kind"),
    ("approvals", "task"),
    ("approvals", "action"),
    ("approvals", "state"),
    ("instructions", "platform"),
)


def upgrade() -> None:
    """Create every table."""
    _create_journal()
    _create_work()
    _create_library()
    for table, column in _INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Drop every table."""
    for table in ("library_state", "instruction_versions", "instructions", "leases", "approvals", "events"):
        op.drop_table(table)


def _create_journal() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("task", "key"),
    )


def _create_work() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("executor", sa.String(64), primary_key=True),
        sa.Column("boot", sa.String(64), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )


def _create_library() -> None:
    op.create_table(
        "instructions",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_table(
        "instruction_versions",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_table(
        "library_state",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
