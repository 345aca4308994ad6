"""What goes to its origin, and to nobody else."""

import pytest

from tests.web import Page, Site
from wiredesk.outbound.credentials import Credentials
from wiredesk.outbound.door import Door, FetchFailed

LOGIN = "Basic Ym9iOnMzY3JldA=="
MINE = "key=hidden"


def credentials_for(site: Site) -> Credentials:
    return Credentials(origin=site.url, headers={"Authorization": LOGIN, "X-Key": "k3y"}, query=(("key", "hidden"),))


async def test_credentials_go_to_their_origin_and_are_no_part_of_the_answer_s_url(site: Site, door: Door) -> None:
    site.serve(f"/feed?a=1&{MINE}", Page(status=301, redirect_to=f"/new?{MINE}"))
    site.serve(f"/new?{MINE}", Page(body="news"))

    answer = await door.get(f"{site.url}/feed?a=1", credentials=credentials_for(site))

    assert (answer.body, answer.url, answer.moved_permanently_to) == (b"news", f"{site.url}/new", f"{site.url}/new")
    assert [(asked.headers["Authorization"], asked.headers["X-Key"]) for asked in site.requests] == [(LOGIN, "k3y")] * 2


async def test_credentials_go_to_no_other_origin(site: Site, door: Door) -> None:
    async with Site() as other:  # the same host: another port is another origin
        other.serve("/", Page(body="elsewhere"))
        site.serve(f"/?{MINE}", Page(status=302, redirect_to=f"{other.url}/?{MINE}"))

        answer = await door.get(f"{site.url}/", credentials=credentials_for(site))

    assert (answer.body, answer.url) == (b"elsewhere", f"{other.url}/")
    assert [secret for secret in (LOGIN, "k3y", "hidden") if secret in str(other.requests)] == []


async def test_a_login_in_a_url_is_sent_and_told_to_nobody(site: Site, door: Door) -> None:
    url = site.serve("/", Page(body=b"x" * 100)).replace("//", "//bob:s3cret@")

    answer = await door.get(url)
    with pytest.raises(FetchFailed) as caught:
        await door.get(url, max_bytes=10)

    assert site.requests[0].headers["Authorization"] == LOGIN
    assert answer.url == f"{site.url}/"
    assert "s3cret" not in str(caught.value)


async def test_a_redirect_with_a_login_is_followed_without_it(site: Site, door: Door) -> None:
    site.serve("/new", Page(body="news"))
    site.serve("/", Page(status=302, redirect_to=f"{site.url}/new".replace("//", "//eve:word@")))

    answer = await door.get(f"{site.url}/")

    assert answer.url == f"{site.url}/new"
    assert "Authorization" not in site.requests[1].headers


async def test_a_failure_hides_the_values_of_a_query(door: Door) -> None:
    async with Site() as gone:
        url = f"{gone.url}/rss?key=hidden"

    with pytest.raises(FetchFailed) as caught:
        await door.get(url)

    assert "hidden" not in str(caught.value)
    assert f"{gone.url}/rss?" in str(caught.value)
