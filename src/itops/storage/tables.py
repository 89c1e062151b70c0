"""Every table, in one place; the migrations build them, a test compares the two."""

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("task", String(64), nullable=False, index=True),
    Column("key", String(200), nullable=False),
    Column("kind", String(40), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("task", "key"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("task", String(64), nullable=False, index=True),
    Column("action", String(80), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("body", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("executor", String(64), primary_key=True),
    Column("boot", String(64), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", String(40), nullable=False),
    Column("expires_at", Float, nullable=False),
)

instructions = Table(
    "instructions",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("platform", String(16), nullable=False, index=True),
    Column("state", String(16), nullable=False),
)

instruction_versions = Table(
    "instruction_versions",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("author", String(200), nullable=False),
)

library_state = Table(
    "library_state",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", String(200), nullable=False),
)

instruction_changes = Table(
    "instruction_changes",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("id", String(200), primary_key=True),
    Column("before", String(64), nullable=False),
    Column("after", String(64), nullable=False),
    Column("token", String(16), nullable=False),
)

instruction_sources = Table(
    "instruction_sources",
    metadata,
    Column("folder", String(500), primary_key=True),
    Column("path", String(500), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("id", String(200), nullable=False),
    Column("version", String(64), nullable=False),
)

instruction_feedback = Table(
    "instruction_feedback",
    metadata,
    Column("task", String(64), primary_key=True),
    Column("id", String(200), primary_key=True, index=True),
    Column("person", String(200), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("opinion", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

model_spending = Table(
    "model_spending",
    metadata,
    Column("account", String(300), primary_key=True),
    Column("llm_calls", Integer, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cached_calls", Integer, nullable=False),
    Column("unpriced_calls", Integer, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("seconds", Float, nullable=False),
)
