"""The ledger of the press against what is stored, noted as copies, dead, and sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks.webhooks import Webhook

from tests.faults.press import Press
from tests.pipeline.running import wiredesk
from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.web import Asked, Page, Site
from wiredesk.backends import database_of
from wiredesk.config import load
from wiredesk.database.item_rows import StoredItem
from wiredesk.events import Article, Comment

HOOK = "/hook"
PATIENCE = 300.0


async def check(env: Mapping[str, str], press: Press) -> None:
    """Every article and comment is stored once, every copy noted at most once, and nothing but gone pages is dead."""
    items = await stored(env)
    assert Counter(one.event.title for one in items if isinstance(one.event, Article)) == Counter(press.articles)
    assert Counter(one.event.text for one in items if isinstance(one.event, Comment)) == Counter(press.comments)
    sources = [source.url for one in items for source in one.sources]
    assert len(sources) == len(set(sources))
    assert {letter["reason"] for letter in await dead(env)} == {"http 410"}


async def stored(env: Mapping[str, str]) -> list[StoredItem]:
    """Every item, in the order of storing."""
    found: list[StoredItem] = []
    async with database_of(load(env)) as database:
        while more := await database.items.after(found[-1].seq if found else 0, limit=1_000):
            found += more
    return found


async def dead(env: Mapping[str, str]) -> list[dict[str, object]]:
    """Every dead letter."""
    ended = await wiredesk("dead", "list", "--json", env=env)
    assert ended.status == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


async def until_drained(env: Mapping[str, str]) -> None:
    """Return once no role is behind."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ended = await wiredesk("lag", "--json", env=env)
            if not any(json.loads(line)["records"] for line in ended.out.splitlines()):
                return


def alerting(site: Site, folder: Path) -> dict[str, str]:
    """Settings by which every article is alerted at `HOOK` of `site`."""
    site.serve(HOOK, Page())
    rules = folder / "rules.toml"
    rules.write_text(endpoint("ops", f"{site.url}{HOOK}") + rule("all", "kind:article AND (the OR a)"), "utf-8")
    return {"WIREDESK_RULES_FILE": str(rules), "OPS_SECRET": SECRET, "WIREDESK_ALERT_MAX_AGE": "0"}


async def until_alerted(site: Site, number: int, *, within: float = PATIENCE) -> None:
    """Return once so many different webhooks came."""
    ids: set[str] = set()
    looked_at = 0

    def is_enough() -> bool:
        nonlocal looked_at
        fresh, looked_at = site.requests[looked_at:], len(site.requests)
        ids.update(asked.headers["webhook-id"] for asked in fresh if asked.path == HOOK)
        return len(ids) >= number

    async with asyncio.timeout(within), site.came:
        await site.came.wait_for(is_enough)


def check_alerts(site: Site, press: Press) -> int:
    """One alert an article, no id with two bodies, all signed; how many came more than once."""
    bodies: dict[str, list[bytes]] = defaultdict(list)
    for asked in site.asked(HOOK):
        assert _is_signed(asked)
        bodies[asked.headers["webhook-id"]].append(asked.body)
    assert all(len(set(each)) == 1 for each in bodies.values())
    titles = Counter(json.loads(each[0])["data"]["article"]["title"] for each in bodies.values())
    assert titles == Counter(press.articles)
    return sum(len(each) - 1 for each in bodies.values())


def _is_signed(asked: Asked) -> bool:
    """As the receiver would have found: `Webhook.verify` refuses what is older than five minutes by now."""
    at = datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), UTC)
    wanted = Webhook(SECRET).sign(asked.headers["webhook-id"], at, asked.body.decode())
    return wanted in asked.headers["webhook-signature"].split()
