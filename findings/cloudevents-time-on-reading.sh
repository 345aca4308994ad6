#!/usr/bin/env bash
# cloudevents 2.2.0: an event without a `time` gets the time of reading, so two readings of the same bytes differ.
#
# Behaviour: `from_http_event` gives an event that has no `time` the present time, in both modes. Nothing tells it from
# a `time` that was sent, and passed on by `to_structured_event` it is part of the event for good.
# Expected: no `time`. CloudEvents 1.0.2, section "Context Attributes": `time` is optional, and where the time of the
# occurrence is not known it is the producer who may set another one, all producers of a `source` alike. The HTTP
# protocol binding, section 3.1.3, maps the attributes that are there.
# Seen: the lines below. Two readers of a topic, or one that reads again after a crash, hold different events.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check cloudevents==2.2.0 python-dateutil==4.0.0
"$room/bin/python" - <<'PYTHON'
import json
import sys
import time

from cloudevents.core.bindings.http import HTTPMessage, from_http_event, to_structured_event

SENT = {"specversion": "1.0", "id": "1", "source": "/news", "type": "collected", "data": {"number": 1}}
STRUCTURED = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=json.dumps(SENT).encode())
BINARY = HTTPMessage(
    headers={"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/news", "ce-type": "collected"}
    | {"content-type": "application/json"},
    body=b'{"number": 1}',
)
changed = False
for mode, message in {"structured": STRUCTURED, "binary": BINARY}.items():
    first = from_http_event(message)
    time.sleep(0.01)
    second = from_http_event(message)
    passed_on = json.loads(to_structured_event(first).body)
    differ = first.get_time() != second.get_time()
    print(f"{mode}: read {first.get_time()}, read again {second.get_time()}, passed on {passed_on.get('time')}")
    changed = changed or first.get_time() is None or not differ or "time" not in passed_on
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
