"""Feeds in three formats, and the comment feed of an article. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime
from html import escape

from wiredesk.demo.layouts import Setting
from wiredesk.demo.newsroom import Comment, Feed
from wiredesk.demo.timeline import Version

TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
"""Content type by format."""

_SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:thr="http://purl.org/syndication/thread/1.0"'
)
COMMENT_FEED = "/comments.xml"
"""What follows a page's path in the URL of its comment feed."""


def feed(one: Feed, versions: Sequence[Version], setting: Setting) -> str:
    """The document that lists `versions`."""
    match one.format:
        case "atom":
            return _atom(one, versions, setting)
        case "json":
            return _json(one, versions, setting)
    items = "".join(_rss_item(version, setting) for version in versions)
    return _rss(setting.site.title, items, setting)


def comment_feed(version: Version, setting: Setting) -> str:
    """The comments of an article, newest first, in RSS as WordPress writes it."""
    items = "".join(_comment_item(comment, version, setting) for comment in reversed(version.comments))
    return _rss(f"Comments on: {version.title}", items, setting)


def _rss(title: str, items: str, setting: Setting) -> str:
    language = escape(setting.site.language)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_SPACES}><channel><title>{escape(title)}</title>'
        f"<link>{setting.url}/</link><language>{language}</language>{items}</channel></rss>\n"
    )


def _rss_item(version: Version, setting: Setting) -> str:
    page, url = version.page, setting.page_url(version.page)
    creator = f"<dc:creator>{escape(page.author)}</dc:creator>" if page.author else ""
    thread = f"<comments>{url}#comments</comments>" if page.comment else ""
    thread += f"<wfw:commentRss>{url}{COMMENT_FEED}</wfw:commentRss>" if page.comments_in == "feed" else ""
    content = f"<content:encoded>{escape(_content(version))}</content:encoded>" if page.in_full else ""
    return (
        f'<item><title>{escape(version.title)}</title><link>{url}</link><guid isPermaLink="true">{url}</guid>{creator}'
        f"<pubDate>{_mail_date(page.at, setting)}</pubDate><description>{escape(version.paragraphs[0])}</description>"
        f"{content}{thread}</item>"
    )


def _comment_item(comment: Comment, version: Version, setting: Setting) -> str:
    url = setting.page_url(version.page)
    above = f'<thr:in-reply-to ref="{url}#comment-{comment.answers}"/>' if comment.answers else ""
    return (
        f"<item><title>By: {escape(comment.author)}</title><link>{url}#comment-{comment.id}</link>"
        f'<guid isPermaLink="false">{url}#comment-{comment.id}</guid><dc:creator>{escape(comment.author)}</dc:creator>'
        f"<pubDate>{_mail_date(comment.at, setting)}</pubDate><description>{escape(comment.text)}</description>{above}</item>"
    )


def _atom(one: Feed, versions: Sequence[Version], setting: Setting) -> str:
    newest = max((version.changed_at for version in versions), default=0.0)
    entries = "".join(_atom_entry(version, setting) for version in versions)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(setting.site.language)}">'
        f"<title>{escape(setting.site.title)}</title><id>{setting.url}{one.path}</id><updated>{setting.instant(newest)}</updated>"
        f"{entries}</feed>\n"
    )


def _atom_entry(version: Version, setting: Setting) -> str:
    page, url = version.page, setting.page_url(version.page)
    content = f'<content type="html">{escape(_content(version))}</content>' if page.in_full else ""
    return (
        f'<entry><title>{escape(version.title)}</title><link href="{url}"/><id>{url}</id>'
        f"<published>{setting.instant(page.at)}</published><updated>{setting.instant(version.changed_at)}</updated>"
        f"<author><name>{escape(page.author or setting.site.title)}</name></author>"
        f"<summary>{escape(version.paragraphs[0])}</summary>{content}</entry>"
    )


def _json(one: Feed, versions: Sequence[Version], setting: Setting) -> str:
    items = [
        {
            "id": setting.page_url(version.page),
            "url": setting.page_url(version.page),
            "title": version.title,
            "summary": version.paragraphs[0],
            "date_published": setting.instant(version.page.at),
            "date_modified": setting.instant(version.changed_at),
        }
        | ({"content_html": _content(version)} if version.page.in_full else {})
        for version in versions
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": setting.site.title,
        "language": setting.site.language,
        "feed_url": setting.url + one.path,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False)


def _content(version: Version) -> str:
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in version.paragraphs)


def _mail_date(at: float, setting: Setting) -> str:
    return format_datetime(setting.start + timedelta(seconds=at))
