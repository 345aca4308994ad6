"""SQLite files as log, state and database use them: connections, transactions, result codes, a thread that works.

| module           | what it holds                                                                  |
|------------------|--------------------------------------------------------------------------------|
| `connection.py`  | connecting, WAL mode, a schema with a version                                  |
| `transaction.py` | one write transaction; one consistent view                                     |
| `errors.py`      | result codes as `Unavailable`, `Misconfigured`, or a bug of ours                |
| `changes.py`     | tells that somebody committed, in whatever process                               |
| `worker.py`      | one thread that owns a connection, and whose death is told to all who wait     |
"""
