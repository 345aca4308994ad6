"""Words around a name that speak for or against a place; English, prepositions of other languages as well."""

# ruff: noqa: RUF001 - words of many scripts

from __future__ import annotations

from importlib.resources import files

LOCATIVE = frozenset(
    """
        in at near from we ve around across outside inside into through via toward towards throughout of
        leaving reached between en de dans près à aus bei nach im nella nel da em no na w do iz v u в из под
        am zu zur zum vor über hasta desde hacia vers depuis entre di dal dalla nos nas pela pelo ao ve ile
        ke dari ze pod przez во на до від із з у біля під около возле от к para till från i fra til naar uit
        te في من الى قرب در از به में से
    """.split()
)
"""Right before a place."""

INSIDE = r"in|en|dans|em|na|no|nel|nella|im|w|v|в|у|di|في|در"
"""Between a place and the larger one that it lies in."""

TITLES = frozenset(
    """
        mr mrs ms dr sen rep gov president minister judge justice sgt capt lt col gen officer detective
        coach professor prof sir lord lady king queen prince princess secretary mayor sheriff chief rev
        pastor bishop father sister brother deputy senator representative governor congressman chairman
        director attorney st saint chancellor premier ambassador spokesman spokeswoman general colonel
        captain major sergeant lieutenant commissioner councillor councilman councilwoman alderman herr frau
        señor señora don doña monsieur madame signor signora sheikh imam archbishop
    """.split()
)
"""Right before a person."""

GIVEN = frozenset(files("wiredesk.roles.geotag").joinpath("data/given.txt").read_text("utf-8").split())
"""Given names that news texts have most; a place after one is its bearer's surname."""

ORGANISATIONS = frozenset(
    """
        university college school schools hospital times post news herald tribune journal gazette bank
        united fc church institute museum inc corp corporation company press chronicle globe police
        commission association council airlines airways club ltd llc group foundation society academy center
        centre court department city rovers wanderers league party union committee board agency authority
        office ministry theatre theater hotel restaurant cathedral stadium arena festival award awards prize
        act cup open marathon show magazine records studios motors energy insurance hall house library
        elementary high middle medical clinic health
    """.split()
)
"""The last word of an organisation's name, or right after its first."""

FEATURES = frozenset(
    """
        river lake county valley island islands bay creek mountains mountain province governorate region
        peninsula district state parish oblast coast city town village countryside border prefecture
        municipality township borough suburb airport beach harbor harbour port basin delta hills desert
        forest park canyon
    """.split()
)
"""Right after a place, as part of what is named."""

STREETS = frozenset(
    """
        street st avenue ave road rd drive dr lane ln boulevard blvd highway way court place square parkway
        bridge expressway freeway turnpike trail circle
    """.split()
)
"""Right after the name of a street."""

WATERS = frozenset(["river", "creek", "canal", "reservoir", "brook"])
"""Last in the name of a water, which is not the town in it."""

SETTLEMENTS = frozenset(
    """
        village villages town towns hamlet hamlets settlement settlements dorf dörfer pueblo aldea aldeia
        villaggio село селе посёлке деревне селі
    """.split()
)
"""Right before a settlement's name, or before `of` and it."""

NOUNS = SETTLEMENTS | frozenset(
    """
        city cities province provinces region district districts governorate suburb suburbs outskirts area
        areas island port capital neighborhood neighbourhood countryside north south east west
    """.split()
)
"""Before `of` and a place."""

GENERIC = (
    FEATURES
    | STREETS
    | ORGANISATIONS
    | TITLES
    | frozenset(
        """
            العاصمه المدينه الشمال الجنوب الشرق الغرب المنطقه المحافظه الولايه القريه البلده
        """.split()
    )
) - {"col", "globe", "major"}
"""Nouns that stand in names of all kinds, and alone hardly ever name the town that is called so."""

SPEAKING = frozenset(
    """
        said says told added wrote noted who testified argued explained asked tweeted tells insisted
        recalled replied admitted pleaded claimed
    """.split()
)
"""Right after who speaks, mostly a person."""

DIRECTIONS = frozenset(
    """
        the northern southern eastern western north south east west central upper lower greater new old
        northeast northwest southeast southwest downtown northeastern northwestern southeastern southwestern
        far centre center inner outer mid rural occupied nord süd ost norden süden osten westen sud est
        ouest norte sur este oeste sul leste centro север юг восток запад північ південь схід захід شمال
        جنوب شرق غرب وسط شمالي جنوبي شرقي غربي kuzey güney doğu batı utara selatan timur barat
    """.split()
)
"""Before a place, as part of what is meant."""

OPENING = frozenset(
    """
        so but and then when while after before if as now yes no why how what because although however since
        until once meanwhile also even still despite inside outside across both many some most all not only
        like unlike today yesterday the a an this that these those he she it they we you i his her their our
        its there here where who which is are was were do does did has have had will would could should may
        might can must let two three four five more
    """.split()
)
"""Words that open sentences."""

LISTED = frozenset(
    [
        ", ",
        " and ",
        ", and ",
        " or ",
        " & ",
        "/",
        " und ",
        " et ",
        " y ",
        " e ",
        " en ",
        " og ",
        " och ",
        " ve ",
        " dan ",
        " и ",
        " та ",
        " і ",
        " و",
        "، ",
        "、",
        "和",
        "与",
    ]
)
"""Between names of a list."""
