#!/usr/bin/env bash
# yarl 1.25.1: a URL cannot be made from the host, or from the readable form, that yarl itself gives of a valid URL.
#
# Behaviour: hosts with a zero-width joiner or non-joiner, which Persian and the languages of India need, raise
# "cannot contain" in the constructor, in `with_host` and in `build`. The same host in its `xn--` form is taken, and
# `host` and `human_repr()` then give the joiner back. At the same time `☃.net`, which IDNA 2008 disallows, is taken.
# Expected: `URL(url.human_repr()) == url`, as the example of yarl's "Public API" goes, and hosts "IDNA-encoded (RFC
# 5891)", as the same page says. RFC 5892, appendices A.1 and A.2, allows U+200C and U+200D after a virama, and U+200C
# between joining letters; ☃ is DISALLOWED by its section 3. The package
# `idna`, which yarl asks, encodes all of these hosts, and refuses `☃.net`.
# Seen: the lines below.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check yarl==1.25.1 idna==3.20 multidict==7.2.1 propcache==0.5.4
"$room/bin/python" - <<'PYTHON'
import sys

import idna
from yarl import URL

HOSTS = {  # host: to idna, to yarl
    "نامه\u200cای.example": ("xn--mgba3gch31f060k.example", "refused"),
    "क्\u200dष.example": ("xn--11b2ezcw70k.example", "refused"),
    "εμπορικόσήμα.example": ("xn--jxagkqfkduily1i.example", "xn--jxagkqfkduily1i.example"),
    "☃.net": ("refused", "xn--n3h.net"),
}


def by_idna(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return "refused"


def by_yarl(host: str) -> str:
    try:
        return URL(f"https://{host}/").raw_host or "none"
    except ValueError:
        return "refused"


def round_trip(host: str) -> str:
    url = URL(f"https://{host}/")
    try:
        return "same" if URL(url.human_repr()) == url.with_host(url.host or "") == url else "another"
    except ValueError:
        return "refused"


changed = False
for host, as_seen in HOSTS.items():
    answers = by_idna(host), by_yarl(host)
    print(f"{ascii(host)}: idna {answers[0]}, yarl {answers[1]}")
    changed = changed or answers != as_seen
    if answers[0] != "refused":
        trip = round_trip(answers[0])
        print(f"    {answers[0]} by way of its readable form: {trip}")
        changed = changed or trip != ("refused" if "\u200c" in host or "\u200d" in host else "same")
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
