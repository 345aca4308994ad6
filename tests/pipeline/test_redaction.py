"""A secret in every place that takes one is found in nothing that wiredesk gives out."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import aiohttp
import pytest

from tests.contracts.statements import dumped
from tests.pipeline.planted import ASKED_EVERY, LITERAL, PLANTED, Press, leaks, pressed
from tests.pipeline.running import COMMAND, PATIENCE, environment
from tests.proxy import AskedProxy
from tests.servers import free_port
from tests.servers.valkey import Valkey
from wiredesk.backends import bus_of, database_of, topics_of
from wiredesk.config import load

AT_ONCE = 3


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


async def at_once(press: Press, commands: Sequence[tuple[str, ...]], *, env: Mapping[str, str]) -> None:
    """Run commands that only look, a few at a time."""
    few = asyncio.Semaphore(AT_ONCE)

    async def run(arguments: tuple[str, ...]) -> None:
        async with few:
            await press.command(*arguments, env=env)

    async with asyncio.TaskGroup() as tasks:
        for arguments in commands:
            tasks.create_task(run(arguments))


async def everything(press: Press, env: Mapping[str, str], folder: Path) -> None:
    """Run it, look at all that it gives out, and note it."""
    flag = press.url("Flag", "/flag.xml")
    ended = await press.wiredesk("run", "--until-idle", "--feed", flag, env=env)
    assert "Traceback" not in ended.err
    press.outputs["run"] = ended.out + ended.err
    press.outputs["webhooks"] = "\n".join(str(asked.body) for asked in press.hooks.requests)
    press.outputs["topics"], press.outputs["database"] = await records(env), await rows(env)
    tables = [
        ("feeds", "list"),
        ("feeds", "status"),
        ("deliveries", "endpoints"),
        ("deliveries", "list"),
        ("dead", "list"),
    ]
    looks = [*tables, *((*table, "--json") for table in tables), ("feeds", "export"), ("items", "search", "--json")]
    looks += [("doctor",), ("lag",), ("feeds", "check", flag), ("rules", "check")]
    await at_once(press, [*looks, ("feeds", "check", press.url("Broken", "/broken"))], env=env)
    shows = []
    for noun in ("dead", "deliveries"):
        names = [json.loads(line)["id"] for line in press.outputs[f"{noun} list --json"].splitlines()]
        assert names, noun
        shows += [(noun, "show", name) for name in names[:9]]
    await at_once(press, shows, env=env)
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
