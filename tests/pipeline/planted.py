"""Secrets planted in every place that takes one, and the sites, endpoints and servers that want them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.pipeline import paper
from tests.pipeline.forked import Forked, forked
from tests.roles.notify.samples import SECRET
from tests.web import Page, Site, item, rss

PLANTED = {
    name: f"pl4ntedSecretOf{name}"
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
    wiredesk: Forked
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
        ended = await self.wiredesk(*arguments, env=env)
        self.outputs[" ".join(arguments)] = ended.out + ended.err
        return ended.out


@asynccontextmanager
async def pressed() -> AsyncIterator[Press]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(paper.printed())
        keyed, hooks = await stack.enter_async_context(Site("127.3.3.1")), await stack.enter_async_context(Site())
        async with Site() as gone:
            nobody = gone.url
        wiredesk = await stack.enter_async_context(forked())
        press = Press(site=site, keyed=keyed, hooks=hooks, gone=nobody, wiredesk=wiredesk)
        press.serve()
        yield press
