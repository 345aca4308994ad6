"""What travels on the topics: structs, their JSON, keys and headers.

Each state of an article or comment inherits the one before, so a consumer of `Article` has all that
was known when it was collected. Additive only: a released field never goes, changes type or becomes required.
"""

from wiredesk.events.articles import Article, CollectedArticle, Entry, JudgedArticle
from wiredesk.events.changes import Alert, FeedChanged, StoryChanged
from wiredesk.events.comments import CollectedComment, Comment, JudgedComment
from wiredesk.events.encoding import decode, encode
from wiredesk.events.envelope import (
    capture_of,
    digest,
    headers_of,
    is_duplicate,
    key_of,
    publisher_of,
    schema_of,
    subject_of,
    topic_of,
    type_of,
)
from wiredesk.events.event import Event
from wiredesk.events.structs import ALL, DUPLICATE_TYPES, TYPES, Judged
from wiredesk.events.values import Extraction, Match, Place, Region, Story, Time, Times, Verdict

__all__ = [
    "ALL",
    "DUPLICATE_TYPES",
    "TYPES",
    "Alert",
    "Article",
    "CollectedArticle",
    "CollectedComment",
    "Comment",
    "Entry",
    "Event",
    "Extraction",
    "FeedChanged",
    "Judged",
    "JudgedArticle",
    "JudgedComment",
    "Match",
    "Place",
    "Region",
    "Story",
    "StoryChanged",
    "Time",
    "Times",
    "Verdict",
    "capture_of",
    "decode",
    "digest",
    "encode",
    "headers_of",
    "is_duplicate",
    "key_of",
    "publisher_of",
    "schema_of",
    "subject_of",
    "topic_of",
    "type_of",
]
