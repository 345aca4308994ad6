"""URLs as they may be told."""

import pytest

from wiredesk.redaction import masked


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://bob:s3cret@paper.example/rss?key=s3cret", "https://paper.example/rss?…"),
        ("https://bob:s3/cret@paper.example/rss", "https://…@paper.example/rss"),
        ("https://bob:s3?cret@paper.example/rss", "https://…@paper.example/rss"),
        ("https://bob:s3@cret@paper.example:99999/rss", "https://…@paper.example:99999/rss"),
        ("bob:s3cret@paper.example/rss", "…@paper.example/rss"),
        ("https://paper.example/@bob/rss", "https://paper.example/@bob/rss"),
        ("no url", "no url"),
    ],
)
def test_a_complaint_shows_no_secret_of_what_was_given_as_a_url(given: str, shown: str) -> None:
    assert masked(given) == shown
