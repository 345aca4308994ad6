"""The rules that an item matches, and whether it is too old for an alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk.database.alerts import NewAlert
from wiredesk.events import Alert, Article, Comment, Match, digest
from wiredesk.roles.notify.body import frozen, matches
from wiredesk.roles.notify.document import document_of
from wiredesk.roles.notify.rules import Rules

Item = Article | Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """A rule that an item matches, and where."""

    item: Item
    rule: str
    matched: tuple[Match, ...]


def found_in(items: Sequence[Item], rules: Rules, *, stories: Mapping[str, str]) -> list[RuleMatch]:
    """Every rule that each of `items` matches; `stories` by article.

    Articles first: of an article and its comments in one batch, the article is the news.
    """
    rule_matches: list[RuleMatch] = []
    for item in sorted(items, key=lambda item: isinstance(item, Comment)):
        if isinstance(item, Comment) and item.deleted:
            continue
        hits = dict(rules.matcher.matching(document_of(item, story=story_of(item, stories))))
        for rule in sorted(hits):
            places = matches([Match(field=hit.field, start=hit.start, end=hit.end) for hit in hits[rule]])
            rule_matches.append(RuleMatch(item=item, rule=rule, matched=places))
    return rule_matches


def article_of(item: Item) -> str:
    """The article's id, also for its comments."""
    return item.article_id if isinstance(item, Comment) else item.id


def story_of(item: Item, stories: Mapping[str, str]) -> str:
    """The item's story; where it is not known, the one that its article would found."""
    if isinstance(item, Article) and item.story is not None:
        return item.story.id
    return stories.get(article_of(item), article_of(item))


def is_too_old(item: Item, *, most: timedelta) -> bool:
    """Whether it had been published for longer than `most` when it was first seen; 0 is never, nor without a date.

    Measured from when it was seen, not from now: what waited while we were down is told late rather than never.
    """
    published = item.times.published or (item.published_at if isinstance(item, Article) else item.posted_at)
    seen = item.times.seen or item.times.collected
    return bool(most) and published is not None and seen is not None and seen - published > most


def alert_id(rule: str, story: str) -> str:
    """The id of an alert: one per rule and story."""
    return digest("alert", rule, story)


def raised(match: RuleMatch, rules: Rules, *, stories: Mapping[str, str], now: datetime) -> NewAlert:
    """The alert of `match`, with its body."""
    item, rule, story = match.item, rules.rules[match.rule], story_of(match.item, stories)
    reason = "comment" if isinstance(item, Comment) else item.verdict.kind
    alert = Alert(
        id=alert_id(rule.name, story),
        rule=rule.name,
        query=rule.query,
        item=item.id,
        story=story,
        reason=reason,
        matched=match.matched,
        times=item.times,
    )
    # A comment may have come before its article's story was known, and was then told of under the article's id.
    instead = alert_id(rule.name, article_of(item))
    return NewAlert(
        id=alert.id,
        rule=rule.name,
        story=story,
        item=item.id,
        capture=item.capture,
        body=frozen(alert, item, now=now),
        endpoints=rule.endpoints,
        instead=instead if instead != alert.id else "",
    )
