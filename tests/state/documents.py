"""A stream of made-up articles in which stories are copied, changed and reported again, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from wiredesk import events
from wiredesk.fates import Fate, Passed, Received
from wiredesk.roles.dedupe.stage import Dedupe, Item
from wiredesk.state.seen import Seen

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

_SYLLABLES = """
    ba con der fo gri hal is jor ka lem mun nor pol quin ra ster tor ul ven wick
""".split()


def article(name: str, text: str, *, title: str, source: str, at: datetime = AT) -> events.CollectedArticle:
    article_id = events.digest("article", name)
    return events.CollectedArticle(
        id=article_id,
        capture=events.digest("capture", article_id, title, text),
        entry="e",
        url=f"https://{source}/{name}",
        fetched_url=f"https://{source}/{name}",
        feed="f",
        source=source,
        title=title,
        text=text,
        extraction=events.Extraction(method="t", confidence=1),
        times=events.Times(seen=at, collected=at),
    )


def comment(name: str, text: str, *, author: str, at: datetime = AT) -> events.CollectedComment:
    comment_id = events.digest("comment", name)
    return events.CollectedComment(
        id=comment_id,
        capture=events.digest("capture", comment_id, text),
        article_id=events.digest("article", "x"),
        url="https://a.example/x",
        author=author,
        text=text,
        extraction=events.Extraction(method="ids", confidence=1),
        times=events.Times(seen=at, collected=at),
    )


def story(chance: random.Random, *, sentences: int = 12) -> str:
    """A text that no other shares a line with."""
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 3))) for _ in range(120)]
    lines = (" ".join(chance.choices(words, k=14)).capitalize() for _ in range(sentences))
    return " ".join(f"{line} {chance.randint(2, 9999)}." for line in lines)


def variants(text: str) -> list[str]:
    """The text as four desks print it."""
    return [text, f"HARROW, Nov 24 (Newswire) - {text}", text.replace(".", ". ").strip(), f"{text}\n\nRead our letter."]


def stream(count: int, *, seed: int, over: timedelta = timedelta(hours=8)) -> list[Item]:
    """About a third new, a third copies near or exact, the rest changes, repetitions and comments."""
    chance = random.Random(seed)
    items: list[Item] = []
    texts: list[tuple[str, str, str]] = []
    for number in range(count):
        at = AT + over * number / count
        items.append(_next(chance, number, at, items, texts))
    return items


def _next(
    chance: random.Random, number: int, at: datetime, items: Sequence[Item], texts: list[tuple[str, str, str]]
) -> Item:
    source = f"s{chance.randint(1, 9)}.example"
    kind = chance.random()
    if kind < 0.4 or not texts:
        texts.append(
            (f"n{number}", f"{chance.choice(_SYLLABLES)} {number} {story(chance, sentences=1)[:40]}", story(chance))
        )
        name, title, text = texts[-1]
        return article(name, text, title=title, source=source, at=at)
    name, title, text = chance.choice(texts[-60:])
    if kind < 0.7:
        return article(f"c{number}", chance.choice(variants(text)), title=title, source=source, at=at)
    if kind < 0.8:
        return article(name, f"{text} {story(chance, sentences=2)}", title=title, source=source, at=at)
    if kind < 0.9:
        return chance.choice(items)
    return comment(f"m{chance.randint(1, 40)}", f"{title} {chance.randint(1, 3)}", author=f"a{number % 7}", at=at)


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


async def judged(
    seen: Seen, items: Sequence[Item], *, size: int = 50
) -> list[events.JudgedArticle | events.JudgedComment]:
    """What dedupe makes of the items, in their order."""
    stage = Dedupe(seen, now=lambda: AT)
    results = []
    for batch in batches(items, size):
        for fate in await stage([received(item) for item in batch]):
            results.append(judged_of(fate))
    return results


def received(item: Item) -> Received[Item]:
    return Received(value=item, topic="collected", partition=0, offset=0, headers=(), at=AT)


def judged_of(fate: Fate) -> events.JudgedArticle | events.JudgedComment:
    assert isinstance(fate, Passed)
    first = fate.outputs[0]
    assert isinstance(first, events.JudgedArticle | events.JudgedComment)
    return first
