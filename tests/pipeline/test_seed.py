"""A page of the evaluation data through everything: article, comments, regions and one webhook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.pipeline.items import following, stored
from tests.pipeline.running import environment, roles_apart, wiredesk
from tests.pipeline.seed import FEED, HOOK, RULE, Seed, Wanted, flat, seed, serve
from tests.roles.notify.samples import SECRET
from tests.web import Site

Items = Sequence[Mapping[str, object]]

MARKED_UP = ("wordpress", "disqus-static")


@pytest.mark.parametrize("markup", MARKED_UP)
async def test_the_seed_page_embedded(home: Path, tmp_path: Path, markup: str) -> None:
    page = seed(markup)
    async with Site() as site:
        env = environment(home, **serve(site, page, folder=tmp_path))
        await embedded(env, site)

        check_items(await stored(env), page)
        check_webhooks(site, await stored(env, "--kind", "article"))


@pytest.mark.servers
@pytest.mark.parametrize("markup", MARKED_UP)
async def test_the_seed_page_with_a_process_a_role(
    home: Path, tmp_path: Path, markup: str, servers: Mapping[str, str]
) -> None:
    page = seed(markup)
    async with Site() as site:
        env = environment(home, **servers, **serve(site, page, folder=tmp_path))
        for command in (("topics", "apply"), ("database", "apply"), ("feeds", "add", f"{site.url}{FEED}")):
            done = await wiredesk(*command, env=env)
            assert done.status == 0, done.err
        async with roles_apart(env, tmp_path), following(env) as tail:
            await tail.until_count(1 + len(page.comments))
            await site.wait_for(HOOK)

        check_items(await stored(env), page)
        check_webhooks(site, await stored(env, "--kind", "article"))


async def test_comments_without_any_mark_up_stay_out_of_the_article_and_are_not_told_apart(
    home: Path, tmp_path: Path
) -> None:
    page = seed("flat-unmarked")
    async with Site() as site:
        env = environment(home, **serve(site, page, folder=tmp_path))
        await embedded(env, site)
        found = await stored(env)
        check_webhooks(site, await stored(env, "--kind", "article"))

    (article,) = found  # no comment is taken for one: nothing says where one ends
    check_article(article, page)


async def embedded(env: Mapping[str, str], site: Site) -> None:
    ended = await wiredesk("run", "--feed", f"{site.url}{FEED}", "--until-idle", env=env)
    assert ended.status == 0, ended.err


def check_items(found: Items, page: Seed) -> None:
    """One article, and every comment with author and the one it answers."""
    (article,) = (one for one in found if one["kind"] == "article")
    check_article(article, page)
    comments = [one for one in found if one["kind"] == "comment"]
    texts = {one["id"]: flat(one["text"]) for one in comments}
    by_text = {
        flat(one["text"]): Wanted(text=flat(one["text"]), author=str(one["author"]), parent=texts.get(one["parent_id"]))
        for one in comments
    }
    assert by_text == {wanted.text: wanted for wanted in page.comments}
    assert {one["article_id"] for one in comments} == {article["id"]}


def check_article(article: Mapping[str, object], page: Seed) -> None:
    text = flat(article["text"])
    assert not [appeal for appeal in page.appeals if appeal in text]
    assert not [comment for comment in page.comments if comment.text[:60] in text]
    assert text == page.article
    regions = article["regions"]
    assert isinstance(regions, list)
    codes = [region["code"] for region in regions]
    assert next(region["code"] for region in regions if region["kind"] == "country") == "SY"
    assert {"SY-HL", "SY-RA"} <= set(codes), codes


def check_webhooks(site: Site, articles: Items) -> None:
    """One, of the article, which the reference library takes for ours."""
    (asked,) = site.asked(HOOK)
    told = Webhook(SECRET).verify(asked.body, dict(asked.headers))
    assert told["type"] == "wiredesk.alert"
    assert (told["data"]["rule"], told["data"]["item"]) == (RULE, articles[0]["id"])
