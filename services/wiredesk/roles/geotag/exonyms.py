"""Names that no package carries: short and unofficial names, abbreviations of states, wide areas."""

from __future__ import annotations

from wiredesk.roles.geotag.demonyms import ENGLISH

COUNTRY_NAMES: dict[str, tuple[str, ...]] = {
    "US": (
        "U.S.",
        "U.S.A.",
        "USA",
        "US",
        "United States of America",
        "America",
        "EE.UU.",
        "EEUU",
        "EUA",
        "\u0421\u0428\u0410",
        "ABD",
        "\u7f8e\u56fd",
        "\u7f8e\u570b",
    ),
    "GB": ("UK", "U.K.", "Britain", "Great Britain", "\u82f1\u56fd"),
    "AE": ("UAE", "U.A.E.", "Emirates"),
    "CD": ("DRC", "DR Congo", "Congo-Kinshasa"),
    "CG": ("Congo-Brazzaville",),
    "KP": ("DPRK", "North Korea"),
    "KR": ("South Korea",),
    "CI": ("Ivory Coast",),
    "CZ": ("Czech Republic",),
    "MM": ("Burma",),
    "MK": ("Macedonia",),
    "SZ": ("Swaziland",),
    "NL": ("Holland", "The Netherlands"),
    "VA": ("Vatican",),
    "TL": ("East Timor",),
    "BA": ("Bosnia",),
    "PS": (
        "Palestine",
        "Palestinian territories",
        "Gaza Strip",
        "West Bank",
        "\u0641\u0644\u0633\u0637\u064a\u0646",
        "\u041f\u0430\u043b\u0435\u0441\u0442\u0438\u043d\u0430",
        "Palestina",
        "Pal\u00e4stina",
        "Filistin",
    ),
    "RU": ("Russia", "Russian Federation", "\u0420\u0424"),
    "TR": ("Turkey", "T\u00fcrkiye"),
    "SY": ("Syria", "Syrian Arab Republic"),
    "LA": ("Laos",),
    "VN": ("Vietnam",),
    "CV": ("Cape Verde",),
    "CN": ("China", "PRC"),
    "BO": ("Bolivia",),
    "VE": ("Venezuela",),
    "TZ": ("Tanzania",),
    "MD": ("Moldova",),
    "IR": ("Iran",),
    "TW": ("Taiwan",),
    "GM": ("Gambia",),
    "BS": ("Bahamas",),
}
"""Names in use beside those of CLDR and GeoNames."""

_STATES = (
    "Ala AL|Alaska AK|Ariz AZ|Ark AR|Calif CA|Colo CO|Conn CT|Del DE|Fla FL|Ga GA|Hawaii HI|Ill IL|Ind IN|Kan KS|Ky KY|"
    "La LA|Md MD|Mass MA|Mich MI|Minn MN|Miss MS|Mo MO|Mont MT|Neb NE|Nev NV|N.H NH|N.J NJ|N.M NM|N.Y NY|N.C NC|N.D ND|"
    "Okla OK|Ore OR|Pa PA|R.I RI|S.C SC|S.D SD|Tenn TN|Tex TX|Vt VT|Va VA|Wash WA|W.Va WV|Wis WI|Wyo WY|D.C DC"
)
STATE_ABBREVIATIONS: dict[str, str] = {
    form: f"US-{code}"
    for name, code in (row.rsplit(" ", 1) for row in _STATES.split("|"))
    for form in (f"{name}.", code)
} | {
    "Ont.": "CA-ON",
    "Que.": "CA-QC",
    "B.C.": "CA-BC",
    "Alta.": "CA-AB",
    "Man.": "CA-MB",
    "Sask.": "CA-SK",
    "N.S.": "CA-NS",
    "N.B.": "CA-NB",
    "NSW": "AU-NSW",
}
"""AP style and postal; after a comma all of them count."""

STANDING = frozenset(
    ["D.C.", "S.C.", "N.C.", "N.J.", "N.H.", "N.M.", "N.Y.", "N.D.", "S.D.", "W.Va.", "R.I.", "Calif.", "Fla.", "NSW"]
)
"""Those that are nothing else where they stand alone."""

STATE_NAMES: dict[str, str] = {
    "US-AL": "Alabama",
    "US-AK": "Alaska",
    "US-AZ": "Arizona",
    "US-AR": "Arkansas",
    "US-CA": "California",
    "US-CO": "Colorado",
    "US-CT": "Connecticut",
    "US-DE": "Delaware",
    "US-FL": "Florida",
    "US-GA": "Georgia",
    "US-HI": "Hawaii",
    "US-IL": "Illinois",
    "US-IN": "Indiana",
    "US-KS": "Kansas",
    "US-KY": "Kentucky",
    "US-LA": "Louisiana",
    "US-MD": "Maryland",
    "US-MA": "Massachusetts",
    "US-MI": "Michigan",
    "US-MN": "Minnesota",
    "US-MS": "Mississippi",
    "US-MO": "Missouri",
    "US-MT": "Montana",
    "US-NE": "Nebraska",
    "US-NV": "Nevada",
    "US-NH": "New Hampshire",
    "US-NJ": "New Jersey",
    "US-NM": "New Mexico",
    "US-NY": "New York",
    "US-NC": "North Carolina",
    "US-ND": "North Dakota",
    "US-OK": "Oklahoma",
    "US-OR": "Oregon",
    "US-PA": "Pennsylvania",
    "US-RI": "Rhode Island",
    "US-SC": "South Carolina",
    "US-SD": "South Dakota",
    "US-TN": "Tennessee",
    "US-TX": "Texas",
    "US-VT": "Vermont",
    "US-VA": "Virginia",
    "US-WA": "Washington",
    "US-WV": "West Virginia",
    "US-WI": "Wisconsin",
    "US-WY": "Wyoming",
    "US-DC": "District of Columbia",
    "CA-ON": "Ontario",
    "CA-QC": "Quebec",
    "CA-BC": "British Columbia",
    "CA-AB": "Alberta",
    "CA-MB": "Manitoba",
    "CA-SK": "Saskatchewan",
    "CA-NS": "Nova Scotia",
    "CA-NB": "New Brunswick",
    "AU-NSW": "New South Wales",
}
"""English names of the units with abbreviations."""

WIDE: dict[str, str] = {
    "europe": "150",
    "asia": "142",
    "africa": "002",
    "north america": "003",
    "south america": "005",
    "latin america": "419",
    "central america": "013",
    "middle east": "145",
    "western europe": "155",
    "eastern europe": "151",
    "southeast asia": "035",
    "south asia": "034",
    "east asia": "030",
    "central asia": "143",
    "west africa": "011",
    "east africa": "014",
    "north africa": "015",
    "southern africa": "018",
    "caribbean": "029",
    "sub saharan africa": "202",
    "oceania": "009",
    "scandinavia": "154",
}
"""Areas above countries and the M49 region that comes nearest."""

REACH = {name.split()[0]: 4 for name in (*WIDE, *ENGLISH) if " " in name}
"""How many words names of this module may have by their first; the gazetteer knows that of its own."""
