"""Where `ce_dataschema` leads, and the schema of a webhook's body."""

from __future__ import annotations

import msgspec
import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.contracts.samples import NOW, a_comment, an_article
from tests.roles.web.api import Api
from wiredesk.events import ALL, Alert, Article, Comment, Event, Times
from wiredesk.events.envelope import schema_of
from wiredesk.events.schemas import webhook_schema
from wiredesk.roles.notify.body import frozen

CHECKED = Draft202012Validator(webhook_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.__name__)
async def test_the_schema_that_a_record_names_is_served(event: type[Event], api: Api) -> None:
    name = schema_of(event).removeprefix("urn:wiredesk:schemas:")

    answer = await api.get(f"/schemas/{name}")

    assert (answer.status, answer.json["$id"]) == (200, schema_of(event))
    Draft202012Validator.check_schema(answer.json)


async def test_a_name_that_no_schema_has_is_404_with_those_there_are(api: Api) -> None:
    answer = await api.get("/schemas/Nothing.json")

    assert answer.status == 404
    assert "Article" in answer.json["detail"]


def body(item: Article | Comment) -> bytes:
    alert = Alert(id="r-s", rule="r", query="rain", item=item.id, story="s", times=Times(collected=NOW))
    return frozen(alert, item, now=NOW)


@pytest.mark.parametrize("item", [an_article(regions=["SY-HL"]), a_comment()], ids=["article", "comment"])
async def test_a_webhook_s_body_is_what_its_schema_says(item: Article | Comment, api: Api) -> None:
    served = (await api.get("/schemas/Webhook.json")).json

    Draft202012Validator(served).validate(msgspec.json.decode(body(item)))


@pytest.mark.parametrize("left_out", ["article", "rule"])
def test_a_body_without_its_item_or_rule_is_none(left_out: str) -> None:
    told = msgspec.json.decode(body(an_article()))
    del told["data"][left_out]

    with pytest.raises(ValidationError):
        CHECKED.validate(told)
