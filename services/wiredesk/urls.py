"""URLs as identities: canonical form, registrable domain, safe joining."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from wiredesk.text.hosts import ascii_host

if TYPE_CHECKING:
    import tldextract

MAX_URL_CHARACTERS = 2_048
"""Longer URLs are dropped: no publisher needs them, and PostgreSQL indexes at most about 2,700 bytes a key."""

DEFAULT_PORTS = {"http": 80, "https": 443}

TRACKING_PARAMETERS = frozenset(
    {
        "fbclid",  # Facebook
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "gclsrc",
        "_ga",
        "_gl",  # Google
        "msclkid",  # Microsoft
        "yclid",
        "ysclid",  # Yandex
        "twclid",  # X
        "igshid",
        "igsh",  # Instagram
        "mc_cid",
        "mc_eid",  # Mailchimp
        "mkt_tok",  # Marketo
        "_hsenc",
        "_hsmi",  # HubSpot
        "vero_id",
        "vero_conv",  # Vero
        "oly_anon_id",
        "oly_enc_id",  # Omeda
        "s_cid",
        "icid",
        "ncid",
        "ocid",
        "cmpid",
        "xtor",
        "at_medium",
        "at_campaign",  # news publishers' campaigns
        "ref_src",
        "ref_url",
        "spm",
        "share_id",
        "__twitter_impression",
        "feature_share",
    }
)
"""Query parameters that say where a reader came from, never what is shown."""

TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "at_custom", "wt.", "wt_")
"""Whole families: Urchin and Google Analytics, Piwik and Matomo, AT Internet, Webtrends."""

NO_PARTS = frozenset({"comments", "content", "disqus_thread", "feed", "main", "respond", "rss", "top"})
"""Fragments that name a place which every page has, or say where a reader came from."""

_UNCARRIED = re.compile(r"[^!#-;=?-~]+|[\\^`{|}]+")
"""What stands in no request line as it is: white space, controls, quotes, angle brackets, letters beyond ASCII."""

_REMEMBERED = 2_048
"""URLs whose parts are remembered: a request asks for those of one a dozen times."""

_SEGMENT_SAFE = ":@!$&'()*+,;=~-._"


@cache
def _domains() -> tldextract.TLDExtract:
    import tldextract  # with an HTTP client for a list that is never fetched: an eighth of a command's start

    # The bundled list, never fetched. Private suffixes count: two blogs of one platform are two publishers.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def is_http(url: str) -> bool:
    """Whether `url` is an absolute http or https URL with a host, of bearable length."""
    return len(url) <= MAX_URL_CHARACTERS and _is_http(url)


@lru_cache(maxsize=_REMEMBERED)
def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme.lower() in DEFAULT_PORTS and bool(ascii_host(parts.hostname or "")) and (parts.port or 1) > 0
        )
    except ValueError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def host_of(url: str) -> str:
    """The host of `url` in lower-case ASCII (`text.hosts`), without port or brackets; empty where there is none."""
    try:
        return ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def registrable_domain(host: str) -> str:
    """The domain someone registered: `bbc.co.uk` for `news.bbc.co.uk`; the host itself where there is none.

    Addresses, `localhost` and bare suffixes are returned as they are. Public Suffix List, private section included.
    """
    host = ascii_host(host)
    if _is_address(host):
        return host
    return _domains()(host).top_domain_under_public_suffix or host


def site_of(url: str) -> str:
    """The registrable domain of `url`'s host: what one publisher's pages share."""
    return registrable_domain(host_of(url))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def canonical(url: str) -> str:
    """The form in which `url` is compared: equal pages, equal strings, as far as the URL alone can tell.

    Lower-case scheme and host, no default port, user or fragment, no tracking parameters, the others sorted,
    escapes normalised, no trailing slash but the root's. The scheme stays. Idempotent.
    A `url` that is not http(s) is returned stripped but otherwise untouched.
    """
    url = url.strip()
    if not is_http(url):
        return url
    parts = urlsplit(url)
    return urlunsplit(
        (parts.scheme.lower(), _authority(parts), _canonical_path(parts.path), _canonical_query(parts.query), "")
    )


@lru_cache(maxsize=_REMEMBERED)
def subscribed(url: str) -> str:
    """The form in which `url` is subscribed to: scheme, host and port as in `canonical`, the rest as it is written.

    A feed's path and query are the publisher's: some are signed, or answer to one order of parameters. A user and a
    password are no part of it: see `login_of`.
    A `url` that is not http(s) is returned stripped but otherwise untouched.
    """
    url = url.strip()
    if not is_http(url):
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), _authority(parts), parts.path or "/", parts.query, parts.fragment))


def login_of(url: str) -> str:
    """What stands before the host of an http(s) URL, `user:password` as it is written; empty where nothing does."""
    return urlsplit(url.strip()).netloc.rpartition("@")[0] if is_http(url.strip()) else ""


def without_login(url: str) -> str:
    """`url` without a user and a password, otherwise as it is written."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def port_of(url: str) -> int:
    """The port of an http(s) URL, its scheme's own where it names none."""
    parts = urlsplit(url)
    return parts.port or DEFAULT_PORTS[parts.scheme.lower()]


def after_authority(url: str) -> str:
    """Path, query and fragment of `url`, as written."""
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path, parts.query, parts.fragment))


@lru_cache(maxsize=_REMEMBERED)
def requested(url: str) -> str:
    """`url` as it goes out: an ASCII host, no dot segments, no fragment; other escapes, and the query, as written.

    Only what a request line cannot carry is escaped. Clients that escape anew break signed URLs.
    """
    parts = urlsplit(subscribed(url))
    path = "/".join(without_dots(parts.path.split("/")))
    return urlunsplit((parts.scheme, parts.netloc, _escaped(path) or "/", _escaped(parts.query), ""))


def origin_of(url: str) -> str:
    """Scheme, host and port of `url`: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{_authority(parts)}"


def _authority(parts: SplitResult) -> str:
    """Host and port, the port only where it is not the scheme's own."""
    host = ascii_host(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, DEFAULT_PORTS[parts.scheme.lower()]) else f"{host}:{parts.port}"


def without_dots(segments: Sequence[str]) -> list[str]:
    """The segments of a path without `.` and `..`, escaped ones included (RFC 3986, section 5.2.4; WHATWG URL)."""
    kept: list[str] = []
    for index, segment in enumerate(segments):
        plain = segment.replace("%2e", ".").replace("%2E", ".")
        if plain not in (".", ".."):
            kept.append(segment)
            continue
        if plain == ".." and len(kept) > 1:
            kept.pop()
        if index == len(segments) - 1:
            kept.append("")
    return kept


def _escaped(text: str) -> str:
    return _UNCARRIED.sub(lambda match: quote(match[0], safe="", errors="replace"), text)


def part_of(url: str) -> str:
    """The part of a page that `url` names: its fragment, where that is one; empty otherwise.

    Tracking (`#xtor=RSS-1`), routes of scripts (`#!/news`) and places that every page has (`#comments`) are none.
    """
    try:
        fragment = urlsplit(url.strip()).fragment.strip()
    except ValueError:
        return ""
    is_none = "=" in fragment or fragment.startswith(("!", "/")) or fragment.lower() in NO_PARTS
    return "" if is_none else fragment


def _canonical_path(path: str) -> str:
    # Only unreserved characters may be unescaped (RFC 3986, section 6.2.2.2): %2F is not a slash.
    pieces = [
        quote(
            unquote(piece, errors="surrogateescape"),
            safe=_SEGMENT_SAFE,
            errors="surrogateescape",
        )
        for piece in without_dots(path.split("/"))
    ]
    trimmed = "/".join(pieces).rstrip("/")
    return trimmed or "/"


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
    kept = sorted(pair for pair in pairs if not is_tracking(pair[0]))
    return urlencode(kept, errors="surrogateescape")


def is_tracking(parameter: str) -> bool:
    """Whether a query parameter only says where a reader came from."""
    name = parameter.lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def is_home_page(url: str) -> bool:
    """Whether `url` has neither path nor query: a canonical like that names a site, not an article."""
    parts = urlsplit(canonical(url))
    return parts.path in ("", "/") and not parts.query


def join(base: str, link: str) -> str | None:
    """`link` as found on the page `base`, made absolute; None where that is no http(s) URL.

    A user and a password go, those of `base` too: what is found is published. White space and control characters inside, which browsers drop as well, are removed.
    """
    cleaned = "".join(character for character in link.strip() if character > " " and character != "\x7f")
    if not cleaned:
        return None
    try:
        joined = urljoin(base, cleaned)
    except ValueError:
        return None
    return without_login(joined) if is_http(joined) and _is_encodable(joined) else None


def _is_encodable(url: str) -> bool:
    try:
        url.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
