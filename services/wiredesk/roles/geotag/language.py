"""The language of a text, as far as toponym recognition needs it: by its script, then by its commonest words."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files

_SCRIPTS = (
    ("fa", re.compile("[\u06af\u067e\u0686\u06cc\u06a9]"), 40),
    ("ar", re.compile("[\u0620-\u064a]"), 3),
    ("ru", re.compile("[\u044b\u044d\u044a\u0451]"), 60),
    ("uk", re.compile("[\u0456\u0457\u0454\u0491]"), 60),
    ("ru", re.compile("[\u0430-\u044f]"), 3),
    ("hi", re.compile("[\u0904-\u0939]"), 4),
    ("ja", re.compile("[\u3040-\u30ff]"), 12),
    ("zh", re.compile("[\u4e00-\u9fff]"), 3),
    ("ko", re.compile("[\uac00-\ud7a3]"), 3),
    ("el", re.compile("[\u03b1-\u03c9]"), 3),
    ("he", re.compile("[\u05d0-\u05ea]"), 3),
    ("tr", re.compile("[\u0131\u011f\u0130]"), 60),
    ("pl", re.compile("[\u0142\u017c\u0119\u0105]"), 60),
    ("de", re.compile("\u00df"), 80),
    ("hu", re.compile("[\u0151\u0171]"), 60),
    ("ro", re.compile("[\u0219\u021b]"), 60),
    ("cs", re.compile("[\u0159\u011b\u016f]"), 60),
)
"""In this order, one letter in so many: Persian has letters that Arabic lacks, Ukrainian some that Russian lacks."""

_COMMON = {
    "en": "the of and to in for that on with is was by at from his her has have been are a an who which after their it as"
    " not but be this they he she you we or says said were will over into its",
    "de": "der die das und in im den von mit ist auf f\u00fcr dem nicht ein eine zu sich wird nach bei auch an aus hat einen",
    "fr": "le la les de des du et en un une dans pour que qui est au aux sur par pas avec sont ont ses plus a son ce cette",
    "es": "el la los las de del y en un una que por con para se su al es no lo fue como m\u00e1s han sus tras desde",
    "pt": "o a os as de do da dos das e em no na nos nas um uma que por com para se n\u00e3o ao foi mais pela pelo seu sua",
    "it": "il lo la i gli le di del della dei e in nel nella un una che per con si non al alla da sono \u00e8 pi\u00f9 dal dopo",
    "nl": "de het een en van in op te dat met voor is niet aan zijn door bij na uit om naar ook er heeft wordt werd",
    "tr": "ve bir bu i\u00e7in ile da de olarak olan sonra y\u00fczde g\u00f6re ise daha en kadar \u00fczere taraf\u0131ndan etti oldu",
    "id": "yang dan di ke dari untuk dengan pada ini itu dalam akan tidak oleh kata setelah para telah juga karena hujan",
    "pl": "i w na z do \u017ce si\u0119 nie o po od za przez jest jak oraz przed podczas zosta\u0142 kt\u00f3ry kt\u00f3re by\u0142 ze dla pod",
    "sv": "och i att det som p\u00e5 en av f\u00f6r med den till \u00e4r har inte om ett fr\u00e5n efter vid var de",
    "ro": "\u0219i \u00een de la cu pe din o un s\u0103 nu care a fost au este pentru mai dup\u0103 prin",
    "cs": "a v na se je \u017ee do z za pro s po o od byl jsou ve kter\u00fd p\u0159i jako ale",
    "hu": "a az \u00e9s hogy nem is egy meg ez volt csak m\u00e1r szerint ut\u00e1n miatt",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}


_TURKISH = re.compile(r"\w['\u2019](?:d[ae]n?|t[ae]n?|y[ae\u0131iu\u00fc]|n[\u0131iu\u00fc]n|[\u0131iu\u00fc]n)\b")
"""Names with Turkish endings: Ankara'da, Kilis'in."""


def language_of(text: str, lower: Collection[str]) -> str:
    """ISO 639-1; `en` where nothing tells. `lower` are its words, all in small letters."""
    sample = text[:600]
    letters = len(sample)
    if not sample.isascii():
        for language, script, one_in in _SCRIPTS:
            if len(script.findall(sample)) * one_in > letters:
                return language
    if _TURKISH.search(sample):
        return "tr"
    hits = {language: len(words.intersection(lower)) for language, words in _WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    return best if hits[best] > hits["en"] else "en"


@cache
def common_words(language: str) -> frozenset[str]:
    """Folded words of a language that gazetteers know as names of places, though hardly ever meant so."""
    text = files("wiredesk.roles.geotag").joinpath("data/words.tsv").read_text("utf-8")
    rows = dict(line.split("\t") for line in text.splitlines())
    return frozenset(rows.get(language, "").split("|"))


@cache
def calendar(language: str) -> frozenset[str]:
    """Folded names of months and days, of the language and of English."""
    from babel import Locale

    from wiredesk.roles.geotag.folding import fold

    folded = set()
    for locale in (Locale.parse(language), Locale.parse("en")):
        for names in (locale.months, locale.days):
            folded |= {fold(name) for form in ("format", "stand-alone") for name in names[form]["wide"].values()}
    return frozenset(folded)
