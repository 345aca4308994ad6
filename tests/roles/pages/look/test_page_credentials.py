"""Pages see nothing of their feed's credentials, unless the operator says so."""

import pytest

from tests.roles.pages.look.desk import Desk
from wiredesk.database.feeds import FeedCredentials, FeedSubscription

KEY = (("header X-Key", "env:KEY"),)


async def subscribe(desk: Desk, *, to_pages: bool) -> None:
    credentials = FeedCredentials(places=KEY, login="bob:s3cret", to_pages=to_pages)
    url = f"{desk.site.url}/rss.xml"
    await desk.database.feeds.add(FeedSubscription(url=url, origin="file", added_at=desk.now, credentials=credentials))


@pytest.mark.parametrize(("to_pages", "shown"), [(False, (None, None)), (True, ("Basic Ym9iOnMzY3JldA==", "k3y"))])
async def test_a_page_is_shown_credentials_only_where_the_operator_says_so(
    desk: Desk, to_pages: bool, shown: tuple[str | None, str | None]
) -> None:
    await subscribe(desk, to_pages=to_pages)
    desk.environ["KEY"] = "k3y"
    await desk.queue("/bridge")

    assert await desk.work()

    (asked,) = desk.site.asked("/bridge")
    assert (asked.headers.get("Authorization"), asked.headers.get("X-Key")) == shown
    assert [article.title for article in await desk.articles()] == ["Cracks close old bridge"]


async def test_a_page_whose_secret_is_missing_is_not_asked_for(desk: Desk) -> None:
    await subscribe(desk, to_pages=True)
    await desk.queue("/bridge")

    assert await desk.work()

    assert desk.site.asked("/bridge") == []
