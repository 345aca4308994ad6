"""Where an endpoint's secret is, and fetching it from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from wiredesk.roles.notify.signing import keys_of
from wiredesk.secret_place import text_at

SecretPlace: TypeAlias = Literal["secret_env", "secret_file", "secret"]
PLACES: tuple[SecretPlace, ...] = ("secret_env", "secret_file", "secret")


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
    if secret.place == "secret":
        return secret.value
    return text_at(secret.reference, folder=folder, environ=environ)
