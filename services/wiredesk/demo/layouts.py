"""A page as HTML, in five forms that sites have: what is around the article differs, and how comments are marked up. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from wiredesk.demo.newsroom import Comment, Page, Site
from wiredesk.demo.timeline import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a page stands: its site, the site's URL, and the instant that times count from."""

    site: Site
    url: str
    start: datetime

    def instant(self, at: float) -> str:
        """`at` as RFC 3339."""
        return (self.start + timedelta(seconds=at)).isoformat(timespec="seconds")

    def page_url(self, page: Page) -> str:
        """The URL of a page of this site."""
        return self.url + page.path


def html(version: Version, setting: Setting) -> str:
    """The page, whole."""
    site = setting.site
    return (
        f'<!doctype html>\n<html lang="{escape(site.language)}"><head><meta charset="utf-8">{_head(version, setting)}</head>\n'
        f"<body>{_menu(site)}{_BODIES[site.layout](version, setting)}{_footer(site)}</body></html>\n"
    )


def _head(version: Version, setting: Setting) -> str:
    site, url = setting.site, setting.page_url(version.page)
    title = escape(version.title, quote=True)
    told = (
        f"<title>{title} | {escape(site.title)}</title>"
        f'<link rel="canonical" href="{url}"><meta property="og:title" content="{title}">'
        f'<meta property="og:site_name" content="{escape(site.title)}"><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{setting.instant(version.page.at)}">'
    )
    if site.layout != "broadsheet":
        return told
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": version.title,
        "url": url,
        "datePublished": setting.instant(version.page.at),
        "dateModified": setting.instant(version.changed_at),
        "author": {"@type": "Person", "name": version.page.author or site.title},
    }
    return told + f'<script type="application/ld+json">{json.dumps(linked)}</script>'


def _menu(site: Site) -> str:
    links = "".join(f'<li><a href="/{number}">{escape(word)}</a></li>' for number, word in enumerate(site.menu))
    return f'<header class="site-header"><a class="logo" href="/">{escape(site.title)}</a><nav><ul>{links}</ul></nav></header>'


def _footer(site: Site) -> str:
    return f'<footer class="site-footer"><p>{escape(site.footer)}</p></footer>'


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text, quote=False)}</p>\n" for text in texts)


def _byline(version: Version, setting: Setting) -> str:
    author = f'<span class="author">{escape(version.page.author)}</span> ' if version.page.author else ""
    instant = setting.instant(version.page.at)
    return f'<div class="byline">{author}<time datetime="{instant}">{instant[:16]}</time></div>'


def _broadsheet(version: Version, setting: Setting) -> str:
    return (
        f"<main><article><h1>{escape(version.title)}</h1>{_byline(version, setting)}{_paragraphs(version.paragraphs)}"
        f'</article><aside class="newsletter"><h3>{escape(setting.site.appeal)}</h3><form><input name="mail"><button>OK</button>'
        f"</form></aside>{_numbered(version, setting)}</main>"
    )


def _wordpress(version: Version, setting: Setting) -> str:
    return (
        f'<div id="content" class="site-content"><article class="post type-post"><header class="entry-header">'
        f'<h1 class="entry-title">{escape(version.title)}</h1><div class="entry-meta">{_byline(version, setting)}</div></header>'
        f'<div class="entry-content">{_paragraphs(version.paragraphs)}</div></article>{_numbered(version, setting)}</div>'
        f'<div id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2>{escape(setting.site.appeal)}'
        "</h2></section></div>"
    )


def _microdata(version: Version, setting: Setting) -> str:
    return (
        f'<div class="page"><div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{escape(version.title)}'
        f'</h1>{_byline(version, setting)}<div itemprop="articleBody">{_paragraphs(version.paragraphs)}</div></div>'
        f'<div class="promo">{escape(setting.site.appeal)}</div>{_by_schema(version, setting)}</div>'
    )


def _appeal(version: Version, setting: Setting) -> str:
    """As small independent sites are: they ask for money first, and the readers answer right below."""
    return (
        f'<div class="main"><div class="donate-box"><p><b>{escape(setting.site.appeal)}</b></p></div>'
        f'<h1 class="title">{escape(version.title)}</h1>{_byline(version, setting)}'
        f'<div class="post-text">{_paragraphs(version.paragraphs)}</div>{_numbered(version, setting)}</div>'
    )


def _agency(version: Version, setting: Setting) -> str:
    return f'<section class="story"><h1>{escape(version.title)}</h1><div class="body">{_paragraphs(version.paragraphs)}</div></section>'


_BODIES: Mapping[str, Callable[[Version, Setting], str]] = {
    "broadsheet": _broadsheet,
    "wordpress": _wordpress,
    "microdata": _microdata,
    "appeal": _appeal,
    "agency": _agency,
}


def _on_page(version: Version) -> Sequence[Comment]:
    return version.comments if version.page.comments_in == "page" else ()


def _numbered(version: Version, setting: Setting) -> str:
    """Threaded lists with numbered ids, as WordPress writes them."""
    comments = _on_page(version)
    if not comments:
        return ""
    inner = "".join(_numbered_one(one, comments, setting) for one in comments if one.answers is None)
    return (
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{escape(setting.site.replies)} ({len(comments)})</h2>'
        f'<ol class="comment-list">{inner}</ol></div>'
    )


def _numbered_one(comment: Comment, comments: Sequence[Comment], setting: Setting) -> str:
    answers = "".join(_numbered_one(one, comments, setting) for one in comments if one.answers == comment.id)
    children = f'<ol class="children">{answers}</ol>' if answers else ""
    instant = setting.instant(comment.at)
    return (
        f'<li id="comment-{comment.id}" class="comment"><article class="comment-body"><footer class="comment-meta">'
        f'<cite class="fn">{escape(comment.author)}</cite> <time datetime="{instant}">{instant[:16]}</time></footer>'
        f'<div class="comment-content">{_paragraphs([comment.text])}</div></article>{children}</li>'
    )


def _by_schema(version: Version, setting: Setting) -> str:
    comments = _on_page(version)
    inner = "".join(_by_schema_one(one, comments, setting) for one in comments if one.answers is None)
    return f'<section class="readers"><h2>{escape(setting.site.replies)}</h2>{inner}</section>' if inner else ""


def _by_schema_one(comment: Comment, comments: Sequence[Comment], setting: Setting) -> str:
    answers = "".join(_by_schema_one(one, comments, setting) for one in comments if one.answers == comment.id)
    return (
        f'<div class="reader" itemprop="comment" itemscope itemtype="https://schema.org/Comment">'
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">{escape(comment.author)}'
        f'</span></span> <time itemprop="dateCreated" datetime="{setting.instant(comment.at)}"></time>'
        f'<div itemprop="text">{_paragraphs([comment.text])}</div>{answers}</div>'
    )
