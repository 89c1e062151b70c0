"""The one database: SQLite by default, PostgreSQL when one machine is not enough."""
