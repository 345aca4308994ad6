"""HTML built so that text cannot become markup: whatever is not `Markup` is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

VOID: Final = frozenset({"input", "link", "meta"})
_REFUSED = str.maketrans({code: "\N{REPLACEMENT CHARACTER}" for code in [*range(9), 11, 12, *range(14, 32), 127]})


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is known to be whole and safe."""

    html: str


Content: TypeAlias = "Markup | str | int | Iterable[Content] | None"
"""What an element may hold; None is nothing."""

NOTHING: Final = Markup("")


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """An element. Attributes: `class_` is `class`, `data_of` is `data-of`; True has no value, False and None leave it out.

    Values of `href` are the caller's to check: escaping does not make `javascript:` harmless, see `outward`.
    """
    start = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Markup(start if name in VOID else f"{start}{joined(*content).html}</{name}>")


def joined(*content: Content) -> Markup:
    """All of `content`, one after the other."""
    return Markup("".join(_html(piece) for piece in content))


def _html(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content.html
    if isinstance(content, str | int):
        return text_of(str(content))
    return "".join(_html(piece) for piece in content)


def _attribute(key: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text_of(str(value))}"'


def text_of(text: str) -> str:
    """`text` escaped for content and quoted attributes; what HTML cannot carry is replaced."""
    return escape(text.translate(_REFUSED).encode("utf-8", "replace").decode())
