"""One word an idea: no class name stands for two things, and the glossary tells of what there is."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from wiredesk.app import ROLES
from wiredesk.database.tables import metadata

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "services" / "wiredesk"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<term>[^|]+?) \| (?P<meaning>[^|]+?) \| (?P<code>[^|]+?) \|$", re.MULTILINE)


def _definitions() -> Iterator[tuple[str, str]]:
    """Every class and type alias of a module, and the module; the demo is a world of its own."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "demo" in path.relative_to(PACKAGE).parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                yield node.name, str(path.relative_to(PACKAGE))
            elif isinstance(node, ast.AnnAssign) and getattr(node.annotation, "id", "") == "TypeAlias":
                assert isinstance(node.target, ast.Name)
                yield node.target.id, str(path.relative_to(PACKAGE))


def _sections() -> dict[str, str]:
    heads = list(re.finditer(r"^## (.+)$", GLOSSARY, re.MULTILINE))
    ends = [head.start() for head in heads[1:]] + [len(GLOSSARY)]
    return {head[1]: GLOSSARY[head.end() : end] for head, end in zip(heads, ends, strict=True)}


def test_no_class_name_stands_for_two_things() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in _definitions():
        places[name].append(place)

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_what_the_glossary_names_is_there() -> None:
    known = {name for name, _ in _definitions()} | set(metadata.tables)
    named = {name for row in ROW.finditer(GLOSSARY) for name in re.findall(r"`([^`]+)`", row["code"])}

    assert named - known == set()
    assert len(named) > 50


def test_every_role_has_its_nouns_in_the_glossary() -> None:
    sections = _sections()

    assert set(ROLES) <= set(sections)
    assert {role: count for role in ROLES if (count := len(ROW.findall(sections[role])) - 1) < 3} == {}


def test_terms_stand_once_and_in_order() -> None:
    terms = {name: [row["term"] for row in ROW.finditer(text)][1:] for name, text in _sections().items()}

    assert terms == {name: sorted(of) for name, of in terms.items()}
