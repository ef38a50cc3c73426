"""Alembic runs this. The connection, already inside a transaction, comes from `store.migrate`."""

from alembic import context

from tocsin.store.every_table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
