"""Settings, read once from the environment, an optional file and flags; nothing below receives the whole.

Each field is the environment variable `WIREDESK_<NAME>`. Secrets also come from the file that `<NAME>_FILE` names.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from wiredesk import __version__, urls
from wiredesk.errors import Misconfigured, nearest
from wiredesk.outbound.address import PORTS
from wiredesk.setting_values import Duration, Networks, Ports
from wiredesk.text.hosts import is_loopback
from wiredesk.tls import TlsFiles

PREFIX = "WIREDESK_"
EXEMPT_PREFIX = "WIREDESK_TEST_"
"""The test session's own variables."""

SECRETS = ("token", "bus_url", "state_url", "database_url", "kafka_password", "outbound_proxy")

MIN_TOKEN_CHARACTERS = 16
"""16 random characters of base64 are 96 bits: out of reach of any guessing, over the network or not."""


class Config(BaseSettings):
    """Every setting, checked. Immutable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Path("wiredesk-home")
    prefix: str = Field(default="wiredesk", pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    instance: str = Field(default_factory=socket.gethostname, min_length=1, max_length=200)

    bus_url: SecretStr = SecretStr("")
    state_url: SecretStr = SecretStr("")
    database_url: SecretStr = SecretStr("")
    state_ca_file: Path | None = None
    state_cert_file: Path | None = None
    state_key_file: Path | None = None
    database_ca_file: Path | None = None
    database_cert_file: Path | None = None
    database_key_file: Path | None = None

    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_session: Duration = timedelta(seconds=30)
    kafka_partitions: int = Field(default=12, ge=1, le=1_000)
    kafka_replication: int = Field(default=3, ge=1, le=10)

    feeds_file: Path | None = None
    rules_file: Path | None = None
    places_file: Path | None = None

    outbound_allow: Networks = ()
    outbound_ports: Ports = PORTS
    outbound_proxy: SecretStr = SecretStr("")
    outbound_resolve: Literal["here", "proxy"] = "here"
    user_agent: str = f"wiredesk/{__version__}"
    contact: str = ""

    listen: str = "127.0.0.1:8080"
    health_listen: str = ""
    token: SecretStr = SecretStr("")
    public_url: str = ""
    trusted_proxies: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

    poll_floor: Duration = timedelta(seconds=60)
    poll_ceiling: Duration = timedelta(hours=24)
    host_gap: Duration = timedelta(seconds=1)

    keep_days: int = Field(default=90, ge=0)
    alert_max_age: Duration = timedelta(hours=24)

    pollers: int = Field(default=64, ge=1, le=1_000)
    fetchers: int = Field(default=32, ge=1, le=1_000)
    workers: int = Field(default_factory=lambda: max(1, (os.cpu_count() or 2) - 1), ge=1, le=256)
    lease: Duration = timedelta(seconds=30)
    stall: Duration = timedelta(minutes=5)
    shutdown: Duration = timedelta(seconds=20)

    log_format: Literal["", "console", "json"] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("listen", "health_listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if not value:
            return value
        host, separator, port = value.rpartition(":")
        if not (separator and host and port.isdigit() and int(port) < 65_536):
            raise ValueError("expected HOST:PORT, such as 127.0.0.1:8080")
        return value

    @field_validator("outbound_proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not urls.is_http(value.get_secret_value()):
            raise ValueError("expected http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with odd characters escaped")
        return value

    @field_validator("token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        length = len(value.get_secret_value())
        if 0 < length < MIN_TOKEN_CHARACTERS:
            raise ValueError(
                f"expected at least {MIN_TOKEN_CHARACTERS} characters, got {length}; `openssl rand -hex 24` makes one"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s@?#]+(/[^\s?#]*)?", value):
            raise ValueError("expected an http(s) URL, such as https://news.example.org")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over, so that every name has been checked."""
        return (init_settings,)

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        return _address(self.listen)

    @property
    def health_address(self) -> tuple[str, int] | None:
        """Host and port of `health_listen`, None where health is served with the rest."""
        return _address(self.health_listen) if self.health_listen else None

    @property
    def lacks_token(self) -> bool:
        """Whether other machines could reach console and API, and no token keeps anybody out."""
        host, _ = self.listen_address
        return not is_loopback(host) and not self.token.get_secret_value()

    def tls_files(self, name: Literal["kafka", "state", "database"]) -> TlsFiles:
        """The files with which a server is verified and verifies us."""
        files: dict[str, Path | None] = {
            kind: getattr(self, f"{name}_{kind}") for kind in ("ca_file", "cert_file", "key_file")
        }
        return TlsFiles(name=f"{PREFIX}{name.upper()}", **files)

    def url(self, name: Literal["bus", "state", "database"]) -> str:
        """The URL of a backend: as set, or that of its SQLite file in the home folder."""
        value: SecretStr = getattr(self, f"{name}_url")
        return value.get_secret_value() or f"sqlite:///{(self.home / f'{name}.sqlite').absolute()}"

    @property
    def is_embedded(self) -> bool:
        """Whether bus, state and database are all files of this machine."""
        return all(self.url(name).startswith("sqlite:") for name in ("bus", "state", "database"))


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def load(environ: Mapping[str, str], *, env_file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Config:
    """The settings: flags over environment over file over defaults.

    Raises `Misconfigured`, one line that names the setting, its value and what was expected: an unknown
    `WIREDESK_` name too, with the nearest known one.
    """
    named = {**_from_file(env_file), **environ}
    values = _secrets_from_files(_known(named))
    values.update(flags or {})
    try:
        config = Config(**values)
    except ValidationError as error:
        raise Misconfigured(_one_line(error, values)) from error
    return config


def _from_file(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    if not path.is_file():
        raise Misconfigured(f"env file {path}: no such file")
    return {name: value or "" for name, value in dotenv_values(path).items()}


def _known(named: Mapping[str, str]) -> dict[str, str]:
    fields = Config.model_fields
    allowed = {PREFIX + name.upper() for name in fields} | {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    known = {}
    for name, value in named.items():
        if not name.startswith(PREFIX) or name.startswith(EXEMPT_PREFIX):
            continue
        if name not in allowed:
            raise Misconfigured(f"unknown setting {name}{nearest(name, allowed)}")
        if value:
            known[name.removeprefix(PREFIX).lower()] = value
    return known


def _secrets_from_files(values: Mapping[str, str]) -> dict[str, Any]:
    read = dict(values)
    for secret in SECRETS:
        path = read.pop(f"{secret}_file", None)
        if path is None:
            continue
        if secret in read:
            name = PREFIX + secret.upper()
            raise Misconfigured(f"{name} and {name}_FILE are both set: keep one")
        try:
            read[secret] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{PREFIX}{secret.upper()}_FILE={path}: {error}") from error
    return read


def _one_line(error: ValidationError, values: Mapping[str, Any]) -> str:
    lines = []
    for problem in error.errors():
        field = str(problem["loc"][0])
        shown = "***" if field in SECRETS else repr(values.get(field))
        lines.append(f"{PREFIX}{field.upper()}={shown}: {_expected(problem)}")
    return "; ".join(lines)


def _expected(problem: ErrorDetails) -> str:
    """What the field takes, in our words: the library's speak of inputs."""
    limits, kind = problem.get("ctx", {}), problem["type"]
    match kind:
        case "value_error":
            return str(limits["error"])
        case "int_parsing" | "int_type" | "int_from_float":
            return "expected a whole number"
        case "greater_than_equal":
            return f"expected {_shown(limits['ge'])} or more"
        case "less_than_equal":
            return f"expected {_shown(limits['le'])} or less"
        case "literal_error":
            return f"expected {limits['expected']}"
        case "string_pattern_mismatch":
            return f"expected what matches {limits['pattern']}"
        case "string_too_short" | "string_too_long":
            bound = limits.get("min_length") or limits.get("max_length")
            return f"expected {'at least' if kind.endswith('short') else 'at most'} {bound} character{'s' if bound != 1 else ''}"
        case "time_delta_type" | "time_delta_parsing":
            return "expected a number with a unit, such as 60s, 24h or 14d"
        case "path_type":
            return "expected a path"
    return problem["msg"].replace("Input should be", "expected").replace("Input", "it")


def _shown(limit: object) -> str:
    return f"{limit.total_seconds():g}s" if isinstance(limit, timedelta) else str(limit)
