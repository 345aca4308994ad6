"""How each server is reached, as `doctor` tells it: verified or not, and by what we show who we are."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from wiredesk.config import Config


def way_of_log(config: Config) -> str:
    """Protocol and mechanism, with a comma after it, where the log is brokers; empty where it is a file."""
    if config.url("bus").startswith("sqlite:"):
        return ""
    mechanism = f" {config.kafka_sasl_mechanism}" if config.kafka_security.startswith("SASL") else ""
    is_ours_shown = config.kafka_cert_file and config.kafka_security.endswith("SSL")
    return f"{config.kafka_security}{mechanism}{' with our certificate' if is_ours_shown else ''}, "


def way_of_state(config: Config) -> str:
    """What is verified, with a comma before it; empty without TLS."""
    own = " with our certificate" if config.state_cert_file else ""
    return f", TLS verified{own}" if config.url("state").startswith("rediss:") else ""


def way_of_database(config: Config) -> str:
    """The same for a PostgreSQL that is verified."""
    return f", TLS verified{' with our certificate' if config.database_cert_file else ''}"


def weakened(url: str) -> str:
    """The option of a Redis URL that keeps its certificate from being verified; empty where none does."""
    for name, value in parse_qsl(urlsplit(url).query):
        if (name == "ssl_cert_reqs" and value.lower() != "required") or (
            name == "ssl_check_hostname" and value.lower() in ("false", "0", "no", "f", "n")
        ):
            return f"{name}={value}"
    return ""
