"""A verdict explained: how an article compares with another one, and what that is judged to be."""

from __future__ import annotations

from dataclasses import dataclass

from wiredesk.events import Verdict
from wiredesk.roles.dedupe.compare import Likeness, SharedTokens, likeness
from wiredesk.roles.dedupe.judge import MIN_TOKENS, ArticleSighting, Batch, View, judge
from wiredesk.roles.dedupe.model import SAME_TEXT_LEAST, decide, has_grown, is_renumbered, is_template, probability
from wiredesk.roles.dedupe.text import Normal
from wiredesk.state.seen import Candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Key facts that only one of two texts has, sorted."""

    only_new: tuple[str, ...]
    only_old: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An article against an earlier one: `verdict` is what it would be if nothing else were known.

    `likeness` is None where they share next to nothing. `reasons` are sentences in the order in which it was decided.
    """

    verdict: Verdict
    likeness: Likeness | None
    numbers: Differing
    names: Differing
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An article to compare: as dedupe sees it, and its words, of which that holds only hashes."""

    sighting: ArticleSighting
    words: Normal


def compare(new: Side, old: Side) -> Comparison:
    """How `new` compares with `old`, which came before it."""
    batch = Batch()
    view = View(answer=Candidates(), batch=batch)
    _, write = judge(old.sighting, view)
    assert write is not None  # nothing was known, so it is no replay
    batch.take(write)
    verdict = judge(new.sighting, view)[0].verdict
    like = likeness(new.sighting.sketch, old.sighting.sketch, gap=new.sighting.at - old.sighting.at)
    return Comparison(
        verdict=verdict,
        likeness=like,
        numbers=_differing(new.words.numbers, old.words.numbers),
        names=_differing(new.words.names, old.words.names),
        reasons=tuple(_reasons(new.sighting, verdict, like)),
    )


def _differing(new: frozenset[str], old: frozenset[str]) -> Differing:
    return Differing(only_new=tuple(sorted(new - old)), only_old=tuple(sorted(old - new)))


def _reasons(new: ArticleSighting, verdict: Verdict, like: Likeness | None) -> list[str]:
    if verdict.how == "same article":
        return [f"it is the same article, and its {' and '.join(verdict.changed) or 'links alone'} changed"]
    if verdict.how == "fingerprint":
        return ["the texts are equal but for case, spacing, agency and credits"]
    if new.sketch.tokens < MIN_TOKENS:
        return [f"{new.sketch.tokens} words are too few to tell a likeness; only equal texts are copies"]
    if like is None:
        return ["fewer than three of the sampled three-word shingles are common: it is another text"]
    reasons = _of_likeness(like)
    if verdict.how == "origin":
        reasons.append("its page names the other one as its origin")
    return reasons


def _of_likeness(like: Likeness) -> list[str]:
    decision, odds = decide(like)
    is_same = odds >= SAME_TEXT_LEAST
    score = f"score {probability(odds):.2f}, at least {probability(SAME_TEXT_LEAST):.2f} is wanted"
    reasons = [f"it is {'' if is_same else 'not '}likely the same text: {score}"]
    if like.is_late:
        reasons.append("it came more than three days later, when wire copy is not re-sent any more")
    if not is_same:
        return reasons
    if is_template(like):
        return [*reasons, f"but it is short and {_replaced(like.numbers)}: two notices of one template"]
    if like.corrects:
        reasons.append("its title calls it a correction")
    if is_renumbered(like):
        reasons.append(f"{_replaced(like.numbers)} in a text otherwise the same: a correction of figures")
    if has_grown(like):
        reasons.append(f"it is {like.growth:.1f} times as long and holds what the other one told")
    if len(reasons) == 1 + like.is_late:
        reasons.append(
            "it brings nothing new" if decision == "copy" else "what is new in it weighs more than what is not"
        )
    return reasons


def _replaced(numbers: SharedTokens) -> str:
    return f"{numbers.substituted} {'number stands' if numbers.substituted == 1 else 'numbers stand'} in the place of others"
