"""URLs of databases that cannot be read, and what is told of them."""

from __future__ import annotations

import pytest

from wiredesk.database import open_database
from wiredesk.errors import Misconfigured, Unavailable


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@127.0.0.1:99999s3cret/db",
        "postgresql://user:s3cret/word@127.0.0.1/db",
        "postgresql://user:s3cret#word@127.0.0.1/db",
        "postgresql://user:s3cret?word@127.0.0.1/db",
        "mysql://user:s3cret@h/db",
        "user:s3cret@h/db",
    ],
)
async def test_a_url_with_a_mistake_is_refused_and_its_password_not_told(url: str) -> None:
    with pytest.raises((Misconfigured, Unavailable)) as caught:
        async with open_database(url, schema="wiredesk"):
            pass

    assert "s3cret" not in str(caught.value)
