"""The records: tables, migrations, the due queue, one module a table group."""
