"""A secret in every place that takes one is found in nothing that wiredesk gives out."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.contracts.statements import dumped
from tests.pipeline import paper
from tests.pipeline.running import COMMAND, PATIENCE, environment, wiredesk
from tests.proxy import AskedProxy
from tests.roles.notify.samples import SECRET
from tests.servers import free_port
from tests.servers.valkey import Valkey
from tests.web import Page, Site, item, rss
from wiredesk.backends import bus_of, database_of, topics_of
from wiredesk.config import load

PLANTED = {
    name: f"pl4nted{name}"
    for name in (
        "Login",
        "Broken",
        "Gone",
        "Html",
        "Flag",
        "Header",
        "Query",
        "File",
        "Hook",
        "Path",
        "Sig",
        "Failing",
        "Console",
        "Proxy",
        "Kafka",
        "Redis",
        "Postgres",
    )
}
ASKED_EVERY = 0.1
SIGNING = SECRET.removeprefix("whsec_")
LITERAL = "pl4ntedLiteral"
"""In a query of a URL itself: published, as a part of the feed's name, but not logged or measured."""

EMPTY = "<item><title>empty</title><guid>empty</guid><link>/empty</link></item>"
"""An entry of which nothing can be had: a dead letter."""


def forms() -> Iterator[str]:
    """Every planted secret as it may be told: as it is, and within a header."""
    yield SIGNING
    for value in PLANTED.values():
        yield value
        for user in ("bob", "hook", "puser"):
            yield b64encode(f"{user}:{value}".encode()).decode().rstrip("=")


def leaks(outputs: Mapping[str, str], *, extra: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Where something planted stands, and what."""
    return [(name, form) for name, output in outputs.items() for form in (*forms(), *extra) if form in output]


@dataclass
class Press:
    """Sites that want to know who asks, and receivers of webhooks."""

    site: Site
    keyed: Site
    hooks: Site
    gone: str
    outputs: dict[str, str] = field(default_factory=dict)

    def url(self, secret: str, path: str) -> str:
        """Of the first site, with a login."""
        return f"{self.site.url}{path}".replace("//", f"//bob:{PLANTED[secret]}@")

    def serve(self) -> None:
        """Feeds that work, fail, lie and lead elsewhere."""
        feed = paper.feed(self.site.url).replace(
            f"<link>{self.site.url}", "<link>"
        )  # links that the login could get into
        self.site.serve("/login.xml", Page(body=feed, content_type="application/rss+xml"))
        self.site.serve("/broken", Page(status=500))
        self.site.serve("/html", Page(body="<html><p>no feed</p></html>"))
        self.site.serve("/flag.xml", Page(body=rss(item("flag", link=f"{self.site.url}/bridge"))))
        self.site.serve(f"/literal.xml?key={LITERAL}", Page(body=rss(item("literal", link="/ferry"))))
        query = f"?key={PLANTED['Query']}"
        self.keyed.serve(f"/feed{query}", Page(status=301, redirect_to=f"/moved{query}"))
        self.keyed.serve(f"/moved{query}", Page(body=rss(item("keyed", link="/page"), EMPTY)))
        self.keyed.serve(f"/empty{query}", Page(status=410))
        self.keyed.serve(f"/away{query}", Page(status=302, redirect_to=f"{self.gone}/{query}"))
        self.hooks.serve(f"/hook/{PLANTED['Path']}?sig={PLANTED['Sig']}", Page(status=204))
        self.hooks.serve(f"/failing/{PLANTED['Path']}", Page(status=500))

    def files(self, folder: Path) -> dict[str, str]:
        """The settings that name feeds and rules, and the secrets that these name."""
        (folder / "secret").write_text(PLANTED["File"])
        feeds = [
            f'url = "{self.url("Login", "/login.xml")}"',
            f'url = "{self.url("Broken", "/broken")}"',
            f'url = "{self.url("Html", "/html")}"',
            f'url = "{self.gone.replace("//", "//bob:" + PLANTED["Gone"] + "@")}/feed"',
            f'url = "{self.site.url}/literal.xml?key={LITERAL}"',
            *(
                f'url = "{self.keyed.url}{path}"\nuser_file = "secret"\nheader_env = {{ "X-Key" = "A_HEADER" }}\n'
                'query_env = { key = "A_QUERY" }\ncredentials_for_pages = true'
                for path in ("/feed", "/away")
            ),
        ]
        (folder / "feeds.toml").write_text("".join(f"[[feed]]\n{feed}\n" for feed in feeds))
        hook = self.hooks.url.replace("//", f"//hook:{PLANTED['Hook']}@")
        failing = self.hooks.url.replace("//", f"//hook:{PLANTED['Failing']}@")
        gone = self.gone.replace("//", f"//hook:{PLANTED['Failing']}@")
        endpoints = {
            "works": f"{hook}/hook/{PLANTED['Path']}?sig={PLANTED['Sig']}",
            "fails": f"{failing}/failing/{PLANTED['Path']}",
            "gone": f"{gone}/{PLANTED['Path']}?sig={PLANTED['Sig']}",
        }
        names = ", ".join(f'"{name}"' for name in endpoints)
        (folder / "rules.toml").write_text(
            "".join(
                f'[[endpoint]]\nname = "{name}"\nurl = "{url}"\nsecret_env = "A_SIGNING"\n'
                for name, url in endpoints.items()
            )
            + f'[[rule]]\nname = "bridges"\nquery = "bridge OR ferry"\nendpoints = [{names}]\n'
        )
        return {
            "WIREDESK_FEEDS_FILE": str(folder / "feeds.toml"),
            "WIREDESK_RULES_FILE": str(folder / "rules.toml"),
            "WIREDESK_ALERT_MAX_AGE": "0",
            "WIREDESK_TOKEN": PLANTED["Console"],
            "WIREDESK_LOG_LEVEL": "debug",
            "A_HEADER": PLANTED["Header"],
            "A_QUERY": PLANTED["Query"],
            "A_SIGNING": SECRET,
        }

    async def command(self, *arguments: str, env: Mapping[str, str]) -> str:
        """Note what a command says; its standard output."""
        ended = await wiredesk(*arguments, env=env)
        self.outputs[" ".join(arguments)] = ended.out + ended.err
        return ended.out


@asynccontextmanager
async def pressed() -> AsyncIterator[Press]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(paper.printed())
        keyed, hooks = await stack.enter_async_context(Site("127.3.3.1")), await stack.enter_async_context(Site())
        async with Site() as gone:
            nobody = gone.url
        press = Press(site=site, keyed=keyed, hooks=hooks, gone=nobody)
        press.serve()
        yield press


async def records(env: Mapping[str, str]) -> str:
    """Every record of every topic."""
    config = load({name: value for name, value in env.items() if name.startswith("WIREDESK_")})
    lines: list[str] = []
    async with bus_of(config, client="test") as bus:
        for topic in topics_of(config):
            lines += [f"{r.topic} {r.key!r} {r.headers!r} {r.value!r}" async for r in bus.browse(topic.name)]
    return "\n".join(lines)


async def rows(env: Mapping[str, str]) -> str:
    config = load({name: value for name, value in env.items() if name.startswith("WIREDESK_")})
    async with database_of(config) as database:
        return await dumped(database, but="feed_credentials")


async def console(press: Press, env: Mapping[str, str], folder: Path) -> None:
    """Note what the web and the log of a run say."""
    port = free_port()
    log = folder / "run.log"
    with log.open("wb") as opened:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", env={**env, "WIREDESK_LISTEN": f"127.0.0.1:{port}"}, stdout=opened, stderr=opened
        )
    headers = {"Authorization": f"Bearer {PLANTED['Console']}"}
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
            async with asyncio.timeout(PATIENCE):
                while True:
                    if await _is_ready(session):
                        break
                    await asyncio.sleep(ASKED_EVERY)
            item_id = (await (await session.get("/api/items")).json())["items"][0]["id"]
            paths = ["/", "/feeds", "/api/items", f"/api/items/{item_id}", f"/items/{item_id}", "/api/stories"]
            paths += ["/rules/bridges.atom", "/rules/bridges.json", "/api/openapi.json", "/readyz", "/metrics"]
            for path in paths:
                async with session.get(path) as answer:
                    assert answer.status == 200, path
                    press.outputs[path] = f"{answer.headers} {await answer.text()}"
            async with session.get("/api/items", headers={"Authorization": "Bearer no"}) as answer:
                press.outputs["a wrong token"] = f"{answer.headers} {await answer.text()}"
    finally:
        process.terminate()
        await process.wait()
    press.outputs["log of a run"] = log.read_text()


async def _is_ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def everything(press: Press, env: Mapping[str, str], folder: Path) -> None:
    """Run it, look at all that it gives out, and note it."""
    flag = press.url("Flag", "/flag.xml")
    ended = await wiredesk("run", "--until-idle", "--feed", flag, env=env)
    assert "Traceback" not in ended.err
    press.outputs["run"] = ended.out + ended.err
    press.outputs["webhooks"] = "\n".join(str(asked.body) for asked in press.hooks.requests)
    press.outputs["topics"], press.outputs["database"] = await records(env), await rows(env)
    for noun, verb in (("feeds", "list"), ("feeds", "status"), ("deliveries", "endpoints"), ("deliveries", "list")):
        await press.command(noun, verb, env=env)
        await press.command(noun, verb, "--json", env=env)
    for arguments in (("feeds", "export"), ("dead", "list"), ("items", "search", "--json"), ("doctor",), ("lag",)):
        await press.command(*arguments, env=env)
    for noun in ("dead", "deliveries"):
        listed = await press.command(noun, "list", "--json", env=env)
        names = [json.loads(line)["id"] for line in listed.splitlines()]
        assert names, noun
        for name in names[:9]:
            await press.command(noun, "show", name, env=env)
    for arguments in (("feeds", "check", flag), ("feeds", "check", press.url("Broken", "/broken")), ("rules", "check")):
        await press.command(*arguments, env=env)
    await console(press, env, folder)


def were_used(press: Press) -> set[str]:
    """The secrets that reached whom they are for: what was never sent could not have been told."""
    login = b64encode(f"bob:{PLANTED['Login']}".encode()).decode()
    hook = b64encode(f"hook:{PLANTED['Hook']}".encode()).decode()
    sent = {
        "login": [asked.headers.get("Authorization") for asked in press.site.asked("/login.xml")] == [f"Basic {login}"],
        "keyed": all(asked.headers["X-Key"] == PLANTED["Header"] for asked in press.keyed.asked("/page")),
        "page": bool(press.keyed.asked(f"/page?key={PLANTED['Query']}")),
        "hook": f"Basic {hook}" in {asked.headers.get("Authorization") for asked in press.hooks.requests},
    }
    return {name for name, was_sent in sent.items() if was_sent}


@pytest.fixture(params=["embedded", pytest.param("production", marks=pytest.mark.servers)])
def backends(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    if request.param == "embedded":
        yield {}
        return
    known: dict[str, str] = dict(request.getfixturevalue("servers"))
    database = known["WIREDESK_DATABASE_URL"].replace("postgres@", f"postgres:{PLANTED['Postgres']}@")
    with Valkey(settings=[f"user desk on >{PLANTED['Redis']} ~* &* +@all"]) as valkey:
        yield known | {
            "WIREDESK_STATE_URL": valkey.url.replace("//", f"//desk:{PLANTED['Redis']}@"),
            "WIREDESK_DATABASE_URL": database,
            "WIREDESK_KAFKA_USERNAME": "desk",
            "WIREDESK_KAFKA_PASSWORD": PLANTED["Kafka"],
        }


async def test_no_secret_is_in_anything_that_is_given_out(
    home: Path, tmp_path: Path, backends: Mapping[str, str]
) -> None:
    async with pressed() as press:
        env = environment(home, **backends, **press.files(tmp_path))
        for command in ("topics", "database"):
            await press.command(command, "apply", env=env)

        await everything(press, env, tmp_path)

    outputs = press.outputs
    assert were_used(press) == {"login", "keyed", "page", "hook"}
    assert "Cracks close old bridge" in outputs["topics"] + outputs["/api/items"]
    assert "Cracks close old bridge" in outputs["webhooks"]
    assert f"{press.site.url}/login.xml" in outputs["feeds list --json"]
    assert leaks(outputs) == []
    logged = {name: outputs[name] for name in ("log of a run", "/metrics", "run", "doctor")}
    assert leaks(logged, extra=[LITERAL]) == []


@pytest.mark.parametrize("resolve", ["here", "proxy"])
async def test_a_proxy_that_refuses_our_login_is_told_of_without_it(home: Path, tmp_path: Path, resolve: str) -> None:
    async with pressed() as press, AskedProxy(refuses=407) as proxy:
        settings = press.files(tmp_path) | {
            "WIREDESK_OUTBOUND_PROXY": proxy.url.replace("//", f"//puser:{PLANTED['Proxy']}@"),
            "WIREDESK_OUTBOUND_RESOLVE": resolve,
        }
        env = environment(home, **settings)
        tunnelled = f"https://bob:{PLANTED['Gone']}@127.0.0.1:8443/feed"

        await press.command("run", "--until-idle", "--feed", tunnelled, env=env)
        await press.command("feeds", "status", "--json", env=env)
        await press.command("feeds", "check", tunnelled, env=env)
        await press.command("extract", press.url("Login", "/bridge"), env=env)
        await press.command("doctor", env=env)
        press.outputs["topics"], press.outputs["database"] = await records(env), await rows(env)

    login = b64encode(f"puser:{PLANTED['Proxy']}".encode()).decode()
    assert set(proxy.logins) == {f"Basic {login}"}
    assert "the proxy answered 407" in press.outputs["feeds status --json"]
    assert leaks(press.outputs) == []


WRONG = {
    "WIREDESK_OUTBOUND_PROXY": (f"http://puser:{PLANTED['Proxy']}/x@proxy:3128", f"puser:{PLANTED['Proxy']}@proxy"),
    "WIREDESK_BUS_URL": (
        f"kafka://desk:{PLANTED['Kafka']}@127.0.0.1:9",
        f"kafka://127.0.0.1:{PLANTED['Kafka']}",
        f"desk:{PLANTED['Kafka']}@127.0.0.1",
    ),
    "WIREDESK_STATE_URL": (
        f"redis://desk:{PLANTED['Redis']}/x@127.0.0.1:9/0",
        f"redis://desk:{PLANTED['Redis']}@127.0.0.1:99999/0",
        f"redis://desk:{PLANTED['Redis']}@127.0.0.1:9/0",
        f"desk:{PLANTED['Redis']}@127.0.0.1",
    ),
    "WIREDESK_DATABASE_URL": (
        f"postgresql://desk:{PLANTED['Postgres']}/x@127.0.0.1/db",
        f"postgresql://desk:{PLANTED['Postgres']}@127.0.0.1:99999/db",
        f"postgresql://desk:{PLANTED['Postgres']}@127.0.0.1:9/db",
        f"desk:{PLANTED['Postgres']}@127.0.0.1/db",
    ),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
async def test_a_setting_that_cannot_be_used_is_told_of_without_what_is_secret_in_it(
    home: Path, name: str, value: str
) -> None:
    env = environment(home, **{name: value}, WIREDESK_LOG_LEVEL="debug")

    ran, examined = await wiredesk("run", "--until-idle", env=env, patience=60), await wiredesk("doctor", env=env)

    assert (ran.status, examined.status) == (1, 1)
    assert "Traceback" not in ran.err + examined.err
    assert leaks({"run": ran.out + ran.err, "doctor": examined.out + examined.err}) == []
