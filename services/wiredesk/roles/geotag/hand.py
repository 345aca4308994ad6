"""Names that no package carries: demonyms, short and unofficial names, abbreviations of states, wide areas."""

from __future__ import annotations

_DEMONYMS = """
AF afghan afghans|AL albanian albanians|DZ algerian algerians|AO angolan angolans|AR argentine argentinian argentines|
AM armenian armenians|AU australian australians aussie|AT austrian austrians|AZ azerbaijani azeri|BH bahraini bahrainis|
BD bangladeshi bangladeshis|BY belarusian belarusians|BE belgian belgians|BJ beninese|BO bolivian bolivians|
BA bosnian bosnians|BR brazilian brazilians|BG bulgarian bulgarians|KH cambodian cambodians|CM cameroonian|
CA canadian canadians|CF|TD chadian|CL chilean chileans|CN chinese|CO colombian colombians|CD congolese|HR croatian croat croats|
CU cuban cubans|CY cypriot cypriots|CZ czech czechs|DK danish dane danes|DO dominican|EC ecuadorian ecuadorean|
EG egyptian egyptians|SV salvadoran|ER eritrean eritreans|EE estonian estonians|ET ethiopian ethiopians|FI finnish finn finns|
FR french frenchman|GE|DE german germans|GH ghanaian ghanaians|GR greek greeks|GT guatemalan|GN guinean|HT haitian haitians|
HN honduran hondurans|HU hungarian hungarians|IS icelandic icelander|IN indian indians|ID indonesian indonesians|
IR iranian iranians|IQ iraqi iraqis|IE irish irishman|IL israeli israelis|IT italian italians|CI ivorian ivorians|
JM jamaican jamaicans|JP japanese|JO jordanian jordanians|KZ kazakh kazakhs kazakhstani|KE kenyan kenyans|KW kuwaiti kuwaitis|
KG kyrgyz|LA laotian|LV latvian latvians|LB lebanese|LR liberian liberians|LY libyan libyans|LT lithuanian lithuanians|
MK macedonian|MG malagasy|MY malaysian malaysians|ML malian malians|MT maltese|MR mauritanian|MX mexican mexicans|
MD moldovan moldovans|MN mongolian|ME montenegrin|MA moroccan moroccans|MZ mozambican|MM burmese|NP nepali nepalese nepalis|
NL dutch|NZ|NI nicaraguan|NE nigerien|NG nigerian nigerians|NO norwegian norwegians|OM omani omanis|PK pakistani pakistanis|
PS palestinian palestinians|PA panamanian|PY paraguayan|PE peruvian peruvians|PH filipino filipinos philippine|
PL polish pole poles|PT portuguese|QA qatari qataris|RO romanian romanians|RU russian russians|RW rwandan rwandans|
SA saudi saudis|SN senegalese|RS serbian serb serbs serbians|SL|SG singaporean|SK slovak slovaks|SI slovenian slovene|
SO somali somalis|ZA|KR|SS|ES spanish spaniard spaniards|LK|SD sudanese|SE swedish swede swedes|CH swiss|
SY syrian syrians|TW taiwanese|TJ tajik|TZ tanzanian|TH thai thais|TN tunisian tunisians|TR turkish turk turks|
UG ugandan ugandans|UA ukrainian ukrainians|AE emirati emiratis|GB british briton britons scottish welsh english|
US american americans|UY uruguayan|UZ uzbek uzbeks|VE venezuelan venezuelans|VN vietnamese|YE yemeni yemenis|
ZM zambian|ZW zimbabwean zimbabweans|XK kosovar kosovars
"""

DEMONYMS: dict[str, str] = {
    word: row.split()[0] for row in _DEMONYMS.replace("\n", "").split("|") for word in row.split()[1:]
}
"""Folded English demonyms and adjectives, and the country they speak of; none that names two countries."""

COUNTRY_NAMES: dict[str, tuple[str, ...]] = {
    "US": ("U.S.", "U.S.A.", "USA", "US", "United States of America", "America", "EE.UU.", "EEUU", "EUA", "\u0421\u0428\u0410", "ABD", "\u7f8e\u56fd", "\u7f8e\u570b"),
    "GB": ("UK", "U.K.", "Britain", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland", "\u82f1\u56fd"),
    "AE": ("UAE", "U.A.E.", "Emirates"), "CD": ("DRC", "DR Congo", "Congo-Kinshasa"), "CG": ("Congo-Brazzaville",),
    "KP": ("DPRK", "North Korea"), "KR": ("South Korea",), "CI": ("Ivory Coast",), "CZ": ("Czech Republic",), "MM": ("Burma",),
    "MK": ("Macedonia",), "SZ": ("Swaziland",), "NL": ("Holland", "The Netherlands"), "VA": ("Vatican",),
    "TL": ("East Timor",), "BA": ("Bosnia",), "PS": ("Palestine", "Palestinian territories", "Gaza Strip", "West Bank"),
    "RU": ("Russia", "Russian Federation", "\u0420\u0424"), "TR": ("Turkey", "T\u00fcrkiye"), "SY": ("Syria", "Syrian Arab Republic"),
    "LA": ("Laos",), "VN": ("Vietnam",), "CV": ("Cape Verde",), "CN": ("China", "PRC"), "BO": ("Bolivia",), "VE": ("Venezuela",),
    "TZ": ("Tanzania",), "MD": ("Moldova",), "IR": ("Iran",), "TW": ("Taiwan",), "GM": ("Gambia",), "BS": ("Bahamas",),
}  # fmt: skip
"""Names in use beside those of CLDR and GeoNames."""

_STATES = (
    "Ala AL|Alaska AK|Ariz AZ|Ark AR|Calif CA|Colo CO|Conn CT|Del DE|Fla FL|Ga GA|Hawaii HI|Ill IL|Ind IN|Kan KS|Ky KY|"
    "La LA|Md MD|Mass MA|Mich MI|Minn MN|Miss MS|Mo MO|Mont MT|Neb NE|Nev NV|N.H NH|N.J NJ|N.M NM|N.Y NY|N.C NC|N.D ND|"
    "Okla OK|Ore OR|Pa PA|R.I RI|S.C SC|S.D SD|Tenn TN|Tex TX|Vt VT|Va VA|Wash WA|W.Va WV|Wis WI|Wyo WY|D.C DC"
)
STATE_ABBREVIATIONS: dict[str, str] = {
    form: f"US-{code}" for name, code in (row.rsplit(" ", 1) for row in _STATES.split("|")) for form in (f"{name}.", code)
} | {
    "Ont.": "CA-ON", "Que.": "CA-QC", "B.C.": "CA-BC", "Alta.": "CA-AB", "Man.": "CA-MB", "Sask.": "CA-SK",
    "N.S.": "CA-NS", "N.B.": "CA-NB", "NSW": "AU-NSW",
}  # fmt: skip
"""AP style and postal; they count after a comma only."""

WIDE: dict[str, str] = {
    "europe": "150", "asia": "142", "africa": "002", "north america": "003", "south america": "005",
    "latin america": "419", "central america": "013", "middle east": "145", "western europe": "155",
    "eastern europe": "151", "southeast asia": "035", "south asia": "034", "east asia": "030", "central asia": "143",
    "west africa": "011", "east africa": "014", "north africa": "015", "southern africa": "018", "caribbean": "029",
    "sub saharan africa": "202", "oceania": "009", "scandinavia": "154",
}  # fmt: skip
"""Areas above countries and the M49 region that comes nearest."""

AREAS: tuple[tuple[str, float, float, str, str], ...] = (
    ("South Ossetia", 42.34, 44.03, "GE", ""), ("Abkhazia", 43.0, 41.02, "GE", "GE-AB"),
    ("Nagorno-Karabakh", 39.8, 46.75, "AZ", ""), ("Transnistria", 46.85, 29.6, "MD", "MD-SN"),
    ("Crimea", 45.3, 34.4, "UA", "UA-43"), ("Donbas", 48.3, 38.0, "UA", ""), ("Donbass", 48.3, 38.0, "UA", ""),
    ("Darfur", 13.0, 25.0, "SD", ""), ("Golan Heights", 33.0, 35.75, "SY", "SY-QU"), ("Sinai", 29.5, 33.8, "EG", ""),
    ("Rojava", 36.7, 40.5, "SY", ""), ("Somaliland", 9.56, 44.06, "SO", ""), ("Puntland", 8.4, 48.5, "SO", ""),
    ("Gaza", 31.5, 34.46, "PS", "PS-GZA"), ("Waziristan", 32.9, 69.8, "PK", "PK-KP"), ("Kurdistan Region", 36.4, 44.4, "IQ", ""),
    ("Iraqi Kurdistan", 36.4, 44.4, "IQ", ""), ("Siberia", 60.0, 105.0, "RU", ""), ("Silicon Valley", 37.4, -122.1, "US", "US-CA"),
    ("Long Island", 40.8, -73.2, "US", "US-NY"), ("Cape Cod", 41.7, -70.3, "US", "US-MA"), ("New England", 44.0, -71.0, "US", ""),
    ("Yorkshire", 53.96, -1.08, "GB", "GB-ENG"), ("Midlands", 52.5, -1.5, "GB", "GB-ENG"), ("Normandy", 49.0, 0.3, "FR", "FR-NOR"),
    ("Brittany", 48.2, -3.0, "FR", "FR-BRE"), ("Basque Country", 43.0, -2.5, "ES", "ES-PV"), ("Mindanao", 8.0, 125.0, "PH", ""),
    ("Luzon", 16.0, 121.0, "PH", ""), ("Sumatra", 0.0, 102.0, "ID", ""), ("Borneo", 1.0, 114.0, "ID", ""),
    ("Hokkaido", 43.4, 142.8, "JP", "JP-01"), ("Suez Canal", 30.7, 32.3, "EG", ""), ("Strait of Hormuz", 26.6, 56.5, "IR", ""),
    ("Kremlin", 55.75, 37.62, "RU", "RU-MOW"), ("Pentagon", 38.87, -77.06, "US", "US-VA"), ("Heathrow", 51.47, -0.45, "GB", "GB-ENG"),
)  # fmt: skip
"""News regions below countries: name, latitude, longitude, country, unit where it lies in one."""
