"""What the ledger expects and what came, as facts that can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from wiredesk.demo.balance import Account, Balance, Fact, Latency
from wiredesk.demo.newsroom import Ledger
from wiredesk.demo.press import Press
from wiredesk.demo.receiver import Receiver
from wiredesk.demo.timeline import shown
from wiredesk.demo.watch import Watch
from wiredesk.events import Article, Comment

END_OF_TIME = 1e9


def balance(press: Press, watch: Watch, receiver: Receiver) -> Balance:
    """Where things stand."""
    ledger = press.folder.ledger
    articles = {i: item.event for i, item in watch.stored.items() if isinstance(item.event, Article)}
    comments = {i: item.event for i, item in watch.stored.items() if isinstance(item.event, Comment)}
    pages = {article_id: press.address_of(article.url) for article_id, article in articles.items()}
    of_comments = {comment_id: pages.get(comment.article_id, "?") for comment_id, comment in comments.items()}
    accounts = [
        *_articles(ledger, press, articles, pages),
        Account(name="revisions", expected=_expected_revisions(ledger), found=_revisions(press, watch)),
        Account(name="copies", expected=_expected_copies(ledger), found=_copies(press, watch, pages)),
        Account(name="comments", expected=_expected_comments(ledger), found=_comments(comments, of_comments)),
        *_told(ledger, watch, receiver, {**pages, **of_comments}, set(comments)),
        *_manners(ledger, press, watch),
    ]
    answers = Counter[int]()
    for (_, status), times in press.served.answers.items():
        answers[status] += times
    return Balance(accounts=accounts, latencies=_latencies(press, watch, receiver), answers=answers)


def _articles(
    ledger: Ledger, press: Press, articles: Mapping[str, Article], pages: Mapping[str, str]
) -> Iterator[Account]:
    expected = [Fact(about=one.page, says=f"from the {one.text_from}") for one in ledger.article]
    found = [Fact(about=pages[i], says=f"from the {one.extraction.source}") for i, one in articles.items()]
    yield Account(name="articles", expected=expected, found=found)
    texts = {one.page: Fact(about=one.page, says=_served(press, one.page)) for one in ledger.article}
    read = [Fact(about=pages[i], says=one.text) for i, one in articles.items() if pages[i] in texts]
    came = {fact.about for fact in read}
    yield Account(name="clean texts", expected=[fact for fact in texts.values() if fact.about in came], found=read)
    wanted = [Fact(about=one.page, says=code) for one in ledger.article for code in one.regions if one.page in came]
    focused = {Fact(about=pages[i], says=region.code) for i, one in articles.items() for region in one.regions}
    yield Account(name="regions", expected=wanted, found=[fact for fact in wanted if fact in focused])


def _served(press: Press, address: str) -> str:
    version = shown(press.pages[address], press.pages, at=END_OF_TIME)
    return "\n\n".join(version.paragraphs) if version else ""


def _expected_revisions(ledger: Ledger) -> list[Fact]:
    return [Fact(about=one.page, says=" and ".join(sorted(one.changed))) for one in ledger.revision]


def _revisions(press: Press, watch: Watch) -> list[Fact]:
    return [
        Fact(about=press.address_of(one.url), says=" and ".join(sorted(one.verdict.changed))) for one in watch.revisions
    ]


def _expected_copies(ledger: Ledger) -> list[Fact]:
    return [Fact(about=one.page, says=f"copy of {one.of}") for one in ledger.copy]


def _copies(press: Press, watch: Watch, pages: Mapping[str, str]) -> list[Fact]:
    return [
        Fact(about=press.address_of(one.url), says=f"copy of {pages.get(one.verdict.of or '', '?')}")
        for one in watch.copies.values()
    ]


def _expected_comments(ledger: Ledger) -> list[Fact]:
    return [Fact(about=f"{one.author} on {one.page}", says=_said(one.text, one.answers)) for one in ledger.comment]


def _comments(comments: Mapping[str, Comment], pages: Mapping[str, str]) -> list[Fact]:
    facts = []
    for comment_id, comment in comments.items():
        above = comments.get(comment.parent_id or "")
        says = _said(comment.text, above.text if above else "")
        facts.append(Fact(about=f"{comment.author} on {pages[comment_id]}", says=says))
    return facts


def _said(text: str, answers: str) -> str:
    return f"{text} [answers: {answers}]" if answers else text


def _told(
    ledger: Ledger, watch: Watch, receiver: Receiver, pages: Mapping[str, str], comments: set[str]
) -> Iterator[Account]:
    expected = [Fact(about=f"{one.rule} for {one.page}", says=one.kind) for one in ledger.alert]

    def fact(rule: str, item: str) -> Fact:
        return Fact(about=f"{rule} for {pages.get(item, '?')}", says="comment" if item in comments else "article")

    raised = [fact(one.rule, one.item) for one in watch.alerts.values()]
    taken = [fact(one.alert.rule, one.alert.item) for one in receiver.taken.values()]
    yield Account(name="alerts", expected=expected, found=raised)
    yield Account(name="signed webhooks", expected=expected, found=taken)
    yield Account(name="webhooks refused", expected=(), found=[Fact(about=why, says="") for why in receiver.refused])


def _manners(ledger: Ledger, press: Press, watch: Watch) -> Iterator[Account]:
    failing = [Fact(about=press.address_of(one.url), says="") for one in watch.feeds if one.state != "ok"]
    expected = [Fact(about=feed, says="") for feed in ledger.failing_feed]
    yield Account(name="failing feeds told", expected=expected, found=failing)
    wanted = [Fact(about=f"{one.site} answering {one.status}", says="") for one in ledger.answer]
    given = [
        Fact(about=f"{one.site} answering {one.status}", says="")
        for one in ledger.answer
        if press.served.answers[one.site, one.status] >= one.least
    ]
    yield Account(name="304, 429 and the like", expected=wanted, found=given)
    asked = [Fact(about=address, says="within Retry-After") for address in press.served.impatient]
    yield Account(name="asked too soon", expected=(), found=asked)
    yield Account(name="dead letters", expected=(), found=[Fact(about=why, says="") for why in watch.dead])


def _latencies(press: Press, watch: Watch, receiver: Receiver) -> Sequence[Latency]:
    """Of articles at their first sight: a revision or a comment carries the instant its page was first seen.

    What was there before time began met worker processes that were only starting.
    """
    first = {
        item_id: (item, seen)
        for item_id, item in watch.first.items()
        if isinstance(item.event, Article) and _came_later(press, item.event.url) and (seen := item.event.times.seen)
    }
    stored = [item.stored_at - seen for item, seen in first.values()]
    alerted = [taken for taken in receiver.taken.values() if taken.alert.item in first]
    hooked = [taken.at - first[taken.alert.item][1] for taken in alerted]
    return (Latency(name="seen to stored", times=stored), Latency(name="seen to webhook", times=hooked))


def _came_later(press: Press, url: str) -> bool:
    page = press.pages.get(press.address_of(url))
    return page is not None and page.at > 0
