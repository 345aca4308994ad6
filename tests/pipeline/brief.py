"""`wiredesk` with leases of two seconds, so that a test lives what a killed process leaves behind.

python -m tests.pipeline.brief run notify
"""

from __future__ import annotations

from datetime import timedelta

from wiredesk import app
from wiredesk.__main__ import main

if __name__ == "__main__":
    app.SENDER_LEASE = timedelta(seconds=2)  # type: ignore[attr-defined]
    main()
