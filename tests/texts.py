"""News-like texts without end, the same for the same seed."""

from __future__ import annotations

import random

PEOPLE = ("the mayor", "a spokesman", "the minister", "a witness", "the union", "an engineer", "the coach", "police")
DEEDS = ("said", "told reporters", "denied", "announced", "confirmed", "warned", "promised", "admitted")
THINGS = (
    "the bridge would stay closed until the spring",
    "talks had broken off without a result",
    "the harvest fell short",
    "nobody had been hurt in the fire",
    "trains would run again by the evening",
    "the budget left no room for more",
    "the river had risen by two metres",
    "a new hospital was to be built",
    "the strike would go on for a week",
    "prices had doubled within a year",
    "the match was to be played again",
    "the road was open to lorries only",
)
PLACES = tuple(
    """
    Lyon Mendoza Bergen Kraków Aleppo Nairobi Osaka Quito Bamako Halifax Perth Surat Tashkent Valencia Kharkiv
    Durban Ohio Bavaria Kenya Chile
""".split()
)


def text(number: int, *, characters: int = 3_000) -> str:
    """The text of article `number`; two numbers share words and hardly a sentence."""
    chance = random.Random(number)
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < characters:
        paragraphs.append(" ".join(_sentence(chance) for _ in range(chance.randint(2, 5))))
    return "\n\n".join(paragraphs)


def title(number: int) -> str:
    """Its title."""
    chance = random.Random(f"title {number}")
    return f"{chance.choice(PLACES)}: {chance.choice(THINGS)} ({number})"


def _sentence(chance: random.Random) -> str:
    start = f"{chance.choice(PEOPLE)} in {chance.choice(PLACES)} {chance.choice(DEEDS)} that {chance.choice(THINGS)}"
    return f"{start[0].upper()}{start[1:]}, {chance.randint(2, 990)} days after {chance.choice(THINGS)}."
