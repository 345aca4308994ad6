"""The values of settings that are more than a text or a number: durations, networks, ports."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration(value: object) -> object:
    """`90s`, `1.5h`, `14d`, `500ms`, or a bare `0`, as a timedelta; other types pass through."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", value.strip())
    if match:
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if value.strip() == "0":
        return timedelta()
    raise ValueError("expected a number with a unit, such as 60s, 24h or 14d")


def networks(value: object) -> object:
    """CIDRs apart by commas or spaces."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(ipaddress.ip_network(part) for part in re.split(r"[,\s]+", value) if part)
    except ValueError as error:
        raise ValueError(f"expected CIDRs such as 10.0.0.0/8 ({error})") from error


def ports(value: object) -> object:
    """Ports apart by commas or spaces."""
    if not isinstance(value, str):
        return value
    known = tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in re.split(r"[,\s]+", value) if part)
    if not all(0 < port < 65_536 for port in known):
        raise ValueError("expected ports such as 80,443")
    return known


Duration: TypeAlias = Annotated[timedelta, BeforeValidator(duration), Field(ge=timedelta())]
Networks: TypeAlias = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(networks)]
Ports: TypeAlias = Annotated[tuple[int, ...], NoDecode, BeforeValidator(ports)]
