"""Rules and secrets for tests."""

from __future__ import annotations

import base64
import hashlib
import hmac

from tests.web import Asked
from wiredesk.roles.notify.rules import from_toml
from wiredesk.roles.notify.rules_file import InForce
from wiredesk.roles.notify.signing import keys_of

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()


def endpoint(name: str = "ops", url: str = "https://ops.example/hook") -> str:
    return f'[[endpoint]]\nname = "{name}"\nurl = "{url}"\nsecret_env = "{name.upper()}_SECRET"\n'


def rule(name: str = "rain", query: str = "rain", *, endpoints: str = '["ops"]') -> str:
    return f"[[rule]]\nname = \"{name}\"\nquery = '{query}'\nendpoints = {endpoints}\n"


def in_force(*tables: str) -> InForce:
    """These rules, every endpoint with the same secret."""
    rules = from_toml("".join(tables).encode(), name="rules.toml")
    return InForce(rules, dict.fromkeys(rules.endpoints, keys_of(SECRET)))


def is_signed(asked: Asked) -> bool:
    """Whether what came was signed with `SECRET`; checked without our code."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    headers = {name.lower(): value for name, value in asked.headers.items()}
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked.body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"
