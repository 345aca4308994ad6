"""The files that a press is made from: `newsroom.toml`, `stories/*.toml` and `ledger.toml` in one folder.

`newsroom.schema.json` is made from these structs. Times are seconds since the start of the demo.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from wiredesk.errors import Misconfigured

Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=600)]
Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
SitePath: TypeAlias = Annotated[str, Meta(pattern=r"^/[A-Za-z0-9/._-]{1,200}$")]
Address: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}/[A-Za-z0-9/._-]{1,200}$")]
"""A page or feed as other files name it: the site's name and its path."""

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=20_000)]

File = TypeVar("File", bound=Struct)


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site: the words around its articles, which must not come through, and the form of its pages."""

    name: Name
    title: Text
    language: Text
    layout: Literal["broadsheet", "wordpress", "microdata", "appeal", "agency"] = "broadsheet"
    menu: tuple[Text, ...] = ()
    appeal: str = ""
    footer: str = ""
    replies: str = "Comments"


class Feed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed: all pages that name it, newest first. A `broken` one answers with an HTML page."""

    site: Name
    path: SitePath
    format: Literal["rss", "atom", "json"] = "rss"
    broken: bool = False


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert rule; its webhooks go to the demo's own receiver."""

    name: Name
    query: Text


class Newsroom(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`newsroom.toml`: who publishes, and who wants to be told of what. Nothing new comes after `seconds`."""

    title: Text
    seconds: Seconds
    site: tuple[Site, ...]
    feed: tuple[Feed, ...]
    rule: tuple[Rule, ...] = ()


class Comment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader's comment; `answers` is the id of the one above it. Ids are unique in the newsroom."""

    id: Annotated[int, Meta(ge=1)]
    at: Seconds = 0
    author: Text
    text: Text
    answers: int | None = None


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the page shows from `at` on; what is left out stays."""

    at: Seconds
    title: str = ""
    paragraphs: tuple[Text, ...] = ()


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article: where it stands, which feeds announce it and from when on.

    `copies` takes the paragraphs of another page instead of own ones, the first `keep` of them; `agency` and
    `dateline` are then put around them as wire copy has them. `slow` answers after 2 s, `busy` the first time with
    429 and Retry-After, `huge` never ends within any cap, so that only what the feed carries can be had: such a
    page is `in_full` in its feeds.
    """

    site: Name
    path: SitePath
    feeds: tuple[SitePath, ...]
    at: Seconds = 0
    title: Text
    author: str = ""
    paragraphs: tuple[Text, ...] = ()
    copies: Address | None = None
    keep: int = 100
    agency: str = ""
    dateline: str = ""
    in_full: bool = False
    comments_in: Literal["page", "feed"] = "page"
    trouble: Literal["", "slow", "busy", "huge"] = ""
    change: tuple[Change, ...] = ()
    comment: tuple[Comment, ...] = ()

    @property
    def address(self) -> str:
        """Site and path."""
        return self.site + self.path


class Story(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file in `stories/`: an article and what belongs to it."""

    page: tuple[Page, ...]


class ExpectedArticle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article that must be stored, text as served; each of `regions` among those in focus."""

    page: Address
    regions: tuple[Text, ...] = ()
    text_from: Literal["page", "feed"] = "page"


class ExpectedRevision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change that must come through as a revision."""

    page: Address
    changed: tuple[Literal["title", "text"], ...]


class ExpectedCopy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page that must be recognised as a copy of another."""

    page: Address
    of: Address


class ExpectedComment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment that must be stored; `answers` is the text of the one above it."""

    page: Address
    author: Text
    text: Text
    answers: str = ""


class ExpectedAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert that must be raised, and delivered with a signature that holds."""

    rule: Name
    page: Address
    kind: Literal["article", "comment"] = "article"


class ExpectedAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A status that a site must have had reason to give, so often at least."""

    site: Name
    status: int
    least: int = 1


class Ledger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`ledger.toml`: all that must come of it. What comes and is not here is a fault as well."""

    article: tuple[ExpectedArticle, ...]
    revision: tuple[ExpectedRevision, ...] = ()
    copy: tuple[ExpectedCopy, ...] = ()
    comment: tuple[ExpectedComment, ...] = ()
    alert: tuple[ExpectedAlert, ...] = ()
    answer: tuple[ExpectedAnswer, ...] = ()
    failing_feed: tuple[Address, ...] = ()


class Folder(Struct, frozen=True, kw_only=True):
    """A newsroom as read."""

    newsroom: Newsroom
    pages: tuple[Page, ...]
    ledger: Ledger


def bundled() -> Path:
    """The newsroom that comes with wiredesk."""
    return Path(str(files("wiredesk.demo").joinpath("newsroom")))


def read(folder: Path) -> Folder:
    """The newsroom in `folder`. Raises `Misconfigured` naming file and field."""
    stories = sorted((folder / "stories").glob("*.toml"))
    if not stories:
        raise Misconfigured(f"newsroom {folder}: no stories/*.toml")
    whole = Folder(
        newsroom=_file(folder / "newsroom.toml", Newsroom),
        pages=tuple(page for path in stories for page in _file(path, Story).page),
        ledger=_file(folder / "ledger.toml", Ledger),
    )
    _check(whole, folder)
    return whole


def schema() -> dict[str, Any]:
    """JSON Schema of the three files: whichever of them a document is, it must be one."""
    files, components = msgspec.json.schema_components([Newsroom, Story, Ledger], ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "anyOf": list(files), "$defs": components}


def _file(path: Path, kind: type[File]) -> File:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Misconfigured(f"{path}: {why}") from error


def _check(whole: Folder, folder: Path) -> None:
    """Raise `Misconfigured` where something is named that is not there, or twice."""
    pages = [page.address for page in whole.pages]
    comments = [f"comment {comment.id}" for page in whole.pages for comment in page.comment]
    for listed in (pages, comments):
        if len(set(listed)) != len(listed):
            twice = next(one for one in listed if listed.count(one) > 1)
            raise Misconfigured(f"newsroom {folder}: {twice!r} is there twice")
    for name, known in _named(whole, frozenset(pages)):
        if name not in known:
            raise Misconfigured(f"newsroom {folder}: {name!r} is named but not there")


def _named(whole: Folder, pages: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What one file names of another, and what there is."""
    ledger = whole.ledger
    sites = frozenset(site.name for site in whole.newsroom.site)
    feeds = frozenset(feed.site + feed.path for feed in whole.newsroom.feed)
    rules = frozenset(rule.name for rule in whole.newsroom.rule)
    placed = [page.site for page in whole.pages] + [feed.site for feed in whole.newsroom.feed]
    yield from ((site, sites) for site in (*placed, *(answer.site for answer in ledger.answer)))
    yield from ((page.site + path, feeds) for page in whole.pages for path in page.feeds)
    yield from ((page.copies, pages) for page in whole.pages if page.copies)
    yield from ((one.page, pages) for one in ledger.article)
    yield from ((one.page, pages) for one in ledger.revision)
    yield from ((page, pages) for one in ledger.copy for page in (one.page, one.of))
    yield from ((one.page, pages) for one in ledger.comment)
    yield from ((one.page, pages) for one in ledger.alert)
    yield from ((one.rule, rules) for one in ledger.alert)
    yield from ((feed, feeds) for feed in ledger.failing_feed)
