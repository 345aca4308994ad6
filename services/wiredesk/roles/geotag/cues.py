"""Words around a name that speak for or against a place; English, prepositions of other languages as well."""

from __future__ import annotations

LOCATIVE = frozenset([
    "in", "at", "near", "from", "around", "across", "outside", "inside", "into", "through", "via", "toward",
    "towards", "throughout", "of", "leaving", "reached", "between", "en", "de", "dans", "près", "à", "aus", "bei",
    "nach", "im", "nella", "nel", "da", "em", "no", "na", "w", "do", "iz", "v", "u", "в", "из", "под",
])  # fmt: skip
"""Right before a place."""

TITLES = frozenset([
    "mr", "mrs", "ms", "dr", "sen", "rep", "gov", "president", "minister", "judge", "justice", "sgt", "capt", "lt",
    "col", "gen", "officer", "detective", "coach", "professor", "prof", "sir", "lord", "lady", "king", "queen",
    "prince", "princess", "secretary", "mayor", "sheriff", "chief", "rev", "pastor", "bishop", "father", "sister",
    "brother", "deputy", "senator", "representative", "governor", "congressman", "chairman", "director", "attorney",
    "st", "saint",
])  # fmt: skip
"""Right before a person."""

ORGANISATIONS = frozenset([
    "university", "college", "school", "hospital", "times", "post", "news", "herald", "tribune", "journal",
    "gazette", "bank", "united", "fc", "church", "institute", "museum", "inc", "corp", "company", "press",
    "chronicle", "globe", "police", "commission", "association", "council", "airlines", "club",
])  # fmt: skip
"""Right after the first word of an organisation."""

FEATURES = frozenset([
    "river", "lake", "county", "valley", "island", "islands", "bay", "creek", "mountains", "mountain", "province",
    "governorate", "region", "peninsula", "district", "state", "parish", "oblast", "coast", "city", "town",
    "village", "countryside", "border",
])  # fmt: skip
"""Right after a place, as part of what is named."""

SPEAKING = frozenset([
    "said", "says", "told", "added", "wrote", "noted", "who",
])  # fmt: skip
"""Right after who speaks, mostly a person."""

CALENDAR = frozenset([
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
])  # fmt: skip
"""Names of time, capitalised in English."""
