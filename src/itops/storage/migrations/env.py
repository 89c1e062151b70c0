"""Run by Alembic: migrates over the connection that it is given, inside that connection's transaction."""

from alembic import context

from itops.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
