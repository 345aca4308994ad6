"""Where a person gives the token."""

from __future__ import annotations

from wiredesk.roles.web.pages import layout
from wiredesk.roles.web.pages.markup import NOTHING, tag


def page(*, back_to: str, was_wrong: bool = False) -> str:
    """The form; `back_to` is where it leads afterwards."""
    field = tag(
        "label",
        tag("span", "Token"),
        tag(
            "input",
            type="password",
            name="token",
            required=True,
            autofocus=True,
            autocomplete="current-password",
            maxlength=1_000,
            aria_invalid="true" if was_wrong else None,
            aria_describedby="wrong" if was_wrong else None,
        ),
        class_="field",
    )
    form = tag(
        "form",
        tag("p", "That is not the token.", id="wrong", role="alert", class_="wrong") if was_wrong else NOTHING,
        field,
        tag("input", type="hidden", name="back_to", value=back_to),
        tag("p", tag("button", "Sign in"), class_="actions"),
        method="post",
        action="/sign-in",
    )
    hint = tag("p", "It is the value of ", tag("code", "WIREDESK_TOKEN"), " on the server.", class_="hint")
    return layout.document("Sign in", layout.main(tag("h1", "Sign in"), form, hint, class_="narrow"))
