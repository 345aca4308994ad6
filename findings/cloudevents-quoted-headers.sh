#!/usr/bin/env bash
# cloudevents 2.2.0: quoted header values keep their quotes and backslashes, and bytes that are no UTF-8 become U+FFFD.
#
# Behaviour: in the binary mode over HTTP, `ce-subject: "storm in \"Port\""` is read with quotes and backslashes as part
# of the subject. `%C0%A0`, an overlong space, is read as two replacement characters, without an error.
# Expected: CloudEvents 1.0.2, HTTP protocol binding, section 3.1.3.2: a value "MUST first be unescaped with respect to
# double-quoted strings"; producers no longer write them, but "they MUST be supported when receiving events"; sequences
# that are invalid in UTF-8 "MUST be rejected", with `%C0%A0` as the example. The package's page says that it implements
# the specification, version 1.0.
# Seen: the lines below.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check cloudevents==2.2.0 python-dateutil==4.0.0
"$room/bin/python" - <<'PYTHON'
import sys

from cloudevents.core.bindings.http import HTTPMessage, from_http_event

SEEN = {  # value of the header: the subject read, the specification's
    "Euro%20%E2%82%AC": ("Euro €", "Euro €"),
    '"storm"': ('"storm"', "storm"),
    r'"storm in \"Port\""': (r'"storm in \"Port\""', 'storm in "Port"'),
    "%C0%A0": ("\ufffd\ufffd", "rejected"),
}
HEADERS = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/news", "ce-type": "collected"}


def subject(value: str) -> str | None:
    headers = HEADERS | {"ce-time": "2025-07-03T12:00:00Z", "content-type": "application/json", "ce-subject": value}
    try:
        return from_http_event(HTTPMessage(headers=headers, body=b"{}")).get_subject()
    except ValueError:
        return "rejected"


changed = False
for value, (as_seen, specified) in SEEN.items():
    answer = subject(value)
    print(f"{value:22} read as {answer}, specified {specified}")
    changed = changed or answer != as_seen
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
