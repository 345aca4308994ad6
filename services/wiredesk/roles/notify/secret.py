"""Where an endpoint's secret is, and fetching it from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from wiredesk.errors import Misconfigured
from wiredesk.roles.notify.signing import keys_of

SecretPlace: TypeAlias = Literal["secret_env", "secret_file", "secret"]
PLACES: tuple[SecretPlace, ...] = ("secret_env", "secret_file", "secret")
MOST_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A variable's name, a file's, or the secret itself, which is never shown."""

    place: SecretPlace
    value: str = field(repr=False)

    @property
    def reference(self) -> str:
        """What may be stored and shown."""
        return "rules file" if self.place == "secret" else f"{self.place.removeprefix('secret_')}:{self.value}"


def fetched(secret: Secret, *, folder: Path, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    """The keys; a relative file is looked for in `folder`. Raises `Misconfigured` where it is missing or no secret."""
    return keys_of(_text(secret, folder=folder, environ=environ))


def _text(secret: Secret, *, folder: Path, environ: Mapping[str, str]) -> str:
    match secret.place:
        case "secret":
            return secret.value
        case "secret_env":
            if not environ.get(secret.value):
                raise Misconfigured(f"the environment variable {secret.value} is not set")
            return environ[secret.value]
        case "secret_file":
            path = folder / secret.value
            try:
                with path.open(encoding="utf-8") as opened:
                    return opened.read(MOST_CHARACTERS)
            except (OSError, UnicodeDecodeError) as error:
                raise Misconfigured(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from error
