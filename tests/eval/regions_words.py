"""Writes the geotag role's table of common words that are names of small places: `python -m tests.eval.regions_words GAZETTEER`.

The words come from the lists of jusText (BSD-2-Clause); for English also those of the standard library's comments, as
its list is short. Countries, units and large cities stay names: lists of frequent words have them as well.
"""

from __future__ import annotations

import math
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from wiredesk.roles.geotag.entities import COUNTRY, UNIT
from wiredesk.roles.geotag.folding import fold, has_case
from wiredesk.roles.geotag.gazetteer import Gazetteer

FOLDER = Path(__file__).parents[2] / "services" / "wiredesk" / "roles" / "geotag" / "data"
LANGUAGES = {
    "ar": "Arabic",
    "cs": "Czech",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
}
LARGE = 150_000
MIN_TIMES = 4


def frequent(language: str) -> Iterator[str]:
    """Words of the language that are frequent."""
    folder = files("justext").joinpath("stoplists")
    for word in folder.joinpath(f"{LANGUAGES[language]}.txt").read_text("utf-8").splitlines():
        # Small letters tell words from names, but for German nouns and scripts that have none.
        if word.isalpha() and (language == "de" or not word[0].isupper()):
            yield word
    if language == "en":
        yield from commented()


def commented() -> Iterator[str]:
    """Words of the standard library's comments and docstrings."""
    counts: Counter[str] = Counter()
    for path in Path(sysconfig.get_paths()["stdlib"]).glob("*.py"):
        for docstring, comment in re.findall(r'"""(.*?)"""|#(.*)', path.read_text("utf-8", "replace"), re.DOTALL):
            counts.update(re.findall(r"(?<![\w.'])[a-z]{2,}(?![\w.(])", docstring + comment))
    yield from (word for word, times in counts.items() if times >= MIN_TIMES)


def names_among(language: str, gazetteer: Gazetteer) -> list[str]:
    """Its frequent words that small places are called by."""
    kept = set()
    for word in filter(None, map(fold, frequent(language))):
        found = gazetteer.look_up(word)
        means = [named.entity for named in found.candidates] if found else []
        large = LARGE if language == "de" or not has_case(word) else math.inf
        if means and not any(entity.kind in (COUNTRY, UNIT) or entity.population > large for entity in means):
            kept.add(word)
    return sorted(kept)


def main() -> None:
    """Write the table."""
    with Gazetteer(Path(sys.argv[1])) as gazetteer:
        rows = [f"{language}\t{'|'.join(names_among(language, gazetteer))}" for language in LANGUAGES]
    (FOLDER / "words.tsv").write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
