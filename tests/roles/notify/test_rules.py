"""The rules file."""

from pathlib import Path

import pytest

from tests.roles.notify.samples import endpoint, rule
from wiredesk.errors import Misconfigured
from wiredesk.roles.notify.rules import from_toml, read_file


def refusal(text: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        from_toml(text.encode(), name="rules.toml")
    return str(refused.value)


def test_endpoints_and_rules_are_known_by_name() -> None:
    rules = from_toml(
        (endpoint() + endpoint("desk") + rule("a-1", endpoints='["ops", "desk", "ops"]')).encode(), name="rules.toml"
    )

    assert list(rules.endpoints) == ["ops", "desk"]
    assert rules.rules["a-1"].endpoints == ("ops", "desk")
    assert rules.endpoints["ops"].secret.reference == "env:OPS_SECRET"


def test_a_rule_may_name_no_endpoint_for_the_topic_tells_too() -> None:
    rules = from_toml(b'[[rule]]\nname = "rain"\nquery = "rain"\n', name="rules.toml")

    assert rules.rules["rain"].endpoints == ()


def test_a_secret_in_the_file_is_never_shown() -> None:
    text = '[[endpoint]]\nname = "ops"\nurl = "https://ops.example/"\nsecret = "whsec_sesame"\n'

    rules = from_toml(text.encode(), name="rules.toml")

    assert "sesame" not in repr(rules)
    assert rules.endpoints["ops"].secret.reference == "rules file"


def test_what_is_unwise_about_a_query_is_remarked_and_the_query_runs() -> None:
    rules = from_toml((endpoint() + rule(query="rai*")).encode(), name="rules.toml")

    (remark,) = rules.rules["rain"].remarks
    assert not remark.is_fault
    assert "tried on every item" in remark.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[[rule", "rules.toml: ", id="no TOML"),
        pytest.param('[rule]\nname = "a"', "write [[rule]], not [rule]", id="a table instead of a list"),
        pytest.param("[[rules]]", "unknown 'rules', expected [[endpoint]] and [[rule]]", id="an unknown table"),
        pytest.param(endpoint("Ops"), "line 2: name = 'Ops': expected 1 to 64 of a-z", id="a bad name"),
        pytest.param(endpoint(url="ftp://x/"), "line 3: endpoint ops: url is not an http(s) URL", id="a bad URL"),
        pytest.param(endpoint() + endpoint(), "line 6: endpoint ops stands here twice", id="an endpoint twice"),
        pytest.param(endpoint() + 'secret = "x"\n', "found secret_env and secret", id="two secrets"),
        pytest.param(
            '[[endpoint]]\nname = "ops"\nurl = "https://ops.example/"\n',
            "line 1: endpoint ops: expected one of",
            id="no secret",
        ),
        pytest.param(
            endpoint() + "secret_fil = 1\n",
            "line 5: unknown field 'secret_fil'; did you mean secret_file?",
            id="an unknown field",
        ),
        pytest.param(
            endpoint() + rule(endpoints='["osp"]'),
            "line 8: rule rain: there is no endpoint 'osp'; did you mean ops?",
            id="an unknown endpoint",
        ),
        pytest.param(
            endpoint() + rule(endpoints='"ops"'), "line 8: rule rain: endpoints = 'ops': not a list", id="no list"
        ),
        pytest.param(endpoint() + rule() + rule(), "line 10: rule rain stands here twice", id="a rule twice"),
        pytest.param(
            endpoint() + rule(query="(rain"),
            "line 7: rule rain: query: this parenthesis is never closed at position 1",
            id="a fault in a query",
        ),
        pytest.param(
            endpoint() + rule(query="NOT rain"),
            "query: nothing but NOT: it would match almost every item at position 1",
            id="a query that matches everything",
        ),
        pytest.param(
            endpoint() + rule(query="rain lang:en lang:fr"),
            "lang is both en and fr: it never matches at position",
            id="a query that matches nothing",
        ),
        pytest.param("rule = [{name = 1}]", "line 1: name = 1", id="written inline"),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, expected: str) -> None:
    assert expected in refusal(text)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        read_file(tmp_path / "rules.toml")
