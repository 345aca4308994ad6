"""Every table, as the newest migration leaves it; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from wiredesk.database.columns import Instant, WordsColumn, big_number

VERSION = "0009"
"""The schema that this code works with: the newest migration's name."""

metadata = MetaData()

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", big_number(), nullable=False),
)
"""Counters in order of commit: a transaction that counts up holds the row until it ends."""

due = Table(
    "due",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("routine", Boolean, nullable=False),
    Column("lease", Text),  # the token of who works on it
    Column("leased_until", Instant),
    PrimaryKeyConstraint("kind", "key", name="due_pkey"),
)
"""Work and its due time; the owner keeps what it is about under the same key."""
_free, _leased = text("lease IS NULL"), text("lease IS NOT NULL")
Index("due_free_by_host", due.c.kind, due.c.host, due.c.due, due.c.key, postgresql_where=_free, sqlite_where=_free)
Index("due_free", due.c.kind, due.c.due, postgresql_where=_free, sqlite_where=_free)
Index("due_waited_for", due.c.kind, due.c.routine, due.c.due)
Index("due_leased", due.c.kind, due.c.host, due.c.leased_until, postgresql_where=_leased, sqlite_where=_leased)

due_hosts = Table(
    "due_hosts",
    metadata,
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("head", Text),  # next key: of the first row that nobody works on
    Column("turn", Instant),  # next time: when that row is due, or when the host was last served if that is later
    Column("served", Instant, nullable=False),  # last served: when one of its rows was leased
    Column("leased", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "host", name="due_hosts_pkey"),
)
"""One row a host that has due rows; whoever changes a host's due rows holds its row here first."""
Index("due_hosts_turn", due_hosts.c.kind, due_hosts.c.turn, due_hosts.c.served)

pages = Table(
    "pages",
    metadata,
    Column("key", Text, primary_key=True),  # digest of link and revision; due rows name it
    Column("link", Text, nullable=False),  # digest of the link: an edited entry is another page of the same link
    Column("entry_id", Text, nullable=False),
    Column("article_id", Text, nullable=False),  # empty until the page was first had
    Column("entry", LargeBinary, nullable=False),
    Column("topic", Text, nullable=False),  # where the entry was read
    Column("partition", Integer, nullable=False),
    Column("offset", big_number(), nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("url", Text, nullable=False),  # where it was last had, redirects followed
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("captures", LargeBinary, nullable=False),  # what was published of it
    Column("has_comments", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("looked_at", Instant),
    Column("published_at", Instant),
    Column("forgotten_after", Instant),  # null while a due row names it
)
"""What is known of a page: while due rows name it, and for a while after."""
Index("pages_link", pages.c.link)
Index("pages_entry", pages.c.entry_id)
Index("pages_article", pages.c.article_id)
Index("pages_forgotten", pages.c.forgotten_after)

aliases = Table(
    "aliases",
    metadata,
    Column("url", Text, primary_key=True),  # a digest: URLs are longer than what PostgreSQL indexes
    Column("article_id", Text, nullable=False),
    Column("pinned_at", Instant, nullable=False),
)
Index("aliases_article", aliases.c.article_id)

feeds = Table(
    "feeds",
    metadata,
    Column("url", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("priority", Float, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("state", LargeBinary),  # of polling: small, read and written with most polls
    Column("listed", LargeBinary),  # what the newest document listed: some 20 KB, read and written with it alone
    Column("title", Text, nullable=False),
    Column("last_polled_at", Instant),
    Column("last_success_at", Instant),
    Column("listed_at", Instant),  # when its document last named entries
    Column("status_code", Integer),
    Column("failures", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("health", Text, nullable=False),
)

feed_credentials = Table(
    "feed_credentials",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("places", Text, nullable=False),  # where secrets are, as JSON; never the secrets themselves
    Column("login", Text, nullable=False),  # secret: `user:password` that stood in the feed's URL
    Column("to_pages", Boolean, nullable=False),
    Column("known_as", Text, nullable=False),  # secret: its URL with the login, where its entries were named by that
)
"""What feeds want to be shown; read by whoever asks for them, and by nobody else."""

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),  # last
    Column("returns", Integer, nullable=False, server_default="0"),  # how often it came back after another revision
    PrimaryKeyConstraint("feed", "entry", "revision", name="feed_entries_pkey"),
)
"""What each feed has shown us. Without a key to `feeds`: a feed that was removed by mistake comes back without a flood."""
Index("feed_entries_seen", feed_entries.c.seen_at)

item_events = Table(
    "item_events",
    metadata,
    Column("number", big_number(), primary_key=True, autoincrement=True),  # on SQLite the item's seq: FTS5 reads by it
    Column("id", Text, nullable=False, unique=True),
    Column("collected", Instant, nullable=False),
    Column("processed", Instant, nullable=False),
    Column("likeness", Text, nullable=False),  # digest of the event without its times
    Column("event", Text, nullable=False),
    Column("words", WordsColumn(), nullable=False),
)
"""The body row of an item, written before the commit lock is taken; deleting it deletes the index row too."""
Index("item_events_words", item_events.c.words, postgresql_using="gin").ddl_if(dialect="postgresql")

items = Table(
    "items",
    metadata,
    Column("id", Text, ForeignKey("item_events.id", ondelete="CASCADE", name="items_event"), primary_key=True),
    Column("seq", big_number(), nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("primary_language", Text, nullable=False, server_default=""),  # its primary subtag: `pt` of `pt-br`
    Column("article_id", Text),
    Column("story", Text),
    Column("likeness", Text, nullable=False),
    Column("collected", Instant, nullable=False),
    Column("first_seen", Instant),  # its earliest version: revisions keep it
    Column("stored_at", Instant, nullable=False),
)
"""The index row of an item: the columns that searches go by, and the public sequence."""
Index("items_seq", items.c.seq, unique=True)
Index("items_source", items.c.source, items.c.seq)
Index("items_language", items.c.primary_language, items.c.seq)
Index("items_stored", items.c.stored_at, items.c.seq)
Index("items_article", items.c.article_id, items.c.seq)
Index("items_story", items.c.story, items.c.seq)
Index("items_collected", items.c.collected)

item_regions = Table(
    "item_regions",
    metadata,
    Column(
        "item_id", Text, ForeignKey("item_events.id", ondelete="CASCADE", name="item_regions_event"), nullable=False
    ),
    Column("code", Text, nullable=False),  # SY-HL stands here as SY too
    Column(
        "seq", big_number(), nullable=False, server_default="0"
    ),  # the item's, so that a region is read newest first
    Column("language", Text, nullable=False, server_default=""),  # the item's: most searches ask for both
    PrimaryKeyConstraint("item_id", "code", name="item_regions_pkey"),
)
Index("item_regions_seq", item_regions.c.code, item_regions.c.seq, item_regions.c.language)

item_authors = Table(
    "item_authors",
    metadata,
    Column(
        "item_id", Text, ForeignKey("item_events.id", ondelete="CASCADE", name="item_authors_event"), nullable=False
    ),
    Column("author", Text, nullable=False),  # digest of the folded name
    PrimaryKeyConstraint("item_id", "author", name="item_authors_pkey"),
)
Index("item_authors_author", item_authors.c.author)

sightings = Table(
    "sightings",
    metadata,
    Column("item_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("copy_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),  # when it was collected
    Column("first_seen", Instant),  # by its feed
    PrimaryKeyConstraint("item_id", "copy_id", name="sightings_pkey"),
)
"""Where copies were seen. Without a key to `items`: a copy may be stored before its original."""
Index("sightings_copy", sightings.c.copy_id)
Index("sightings_source", sightings.c.source)
Index("sightings_seen", sightings.c.seen_at)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),  # digest of rule and story: that is what makes an alert unique
    Column("rule", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("capture", Text, nullable=False),  # of the item that raised it: its replay publishes the alert again
    Column("body", LargeBinary, nullable=False),  # what every webhook of this alert sends, to the byte
    Column("alerted_at", Instant, nullable=False),
)
Index("alerts_capture", alerts.c.capture)
Index("alerts_item", alerts.c.item)
Index("alerts_at", alerts.c.alerted_at)
Index("alerts_rule", alerts.c.rule, alerts.c.alerted_at)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # the webhook-id, and the key of the due row while there is one
    Column("alert_id", Text, ForeignKey("alerts.id", ondelete="CASCADE", name="deliveries_alert"), nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("status_code", Integer),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("next_at", Instant),
)
"""Without a key to `endpoints`: what was sent stays known when an endpoint leaves the rules file."""
Index("deliveries_alert", deliveries.c.alert_id)
Index("deliveries_status", deliveries.c.status, deliveries.c.created_at)
Index("deliveries_endpoint", deliveries.c.endpoint, deliveries.c.created_at)
Index("deliveries_created", deliveries.c.created_at)

endpoints = Table(
    "endpoints",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # where it is, never the secret itself
    Column("disabled_at", Instant),
    Column("disabled_reason", Text, nullable=False),
    Column("paused_until", Instant),
    Column("silences", Integer, nullable=False),  # tries in a row without an answer
)

signed_out_sessions = Table(
    "signed_out_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ends", Instant, nullable=False),
)
"""Sessions of the console that ended before they ran out."""
