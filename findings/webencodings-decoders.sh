#!/usr/bin/env bash
# webencodings 0.6.1 with Python 3.11: the right encoding by the web's label, but not always the web's character.
#
# Behaviour: labels are resolved as browsers do, and then Python's codec of a like name decodes. Its table differs: ў of
# KOI8-U is a box-drawing sign, ḿ of gb18030 a private character, a mark of Big5 another mark; the euro of GBK, NEC's ①
# of EUC-JP, a point of windows-1255 and a control of windows-1252 are U+FFFD. `decode` replaces by default, so nothing
# is raised; the first three are wrong in strict mode too. The last line, є of KOI8-U, is right.
# Expected: the characters of the WHATWG Encoding Standard (9.1 single-byte decoder, 10.2 gb18030 decoder, which is also
# that of GBK, 11.1 Big5, 12.1 EUC-JP, with their indexes); Chromium 156 decodes all of them so. The documentation
# begins with "a Python implementation of the WHATWG Encoding standard"; it goes on to say that the decoders are
# Python's, but not that they disagree with it.
# Seen: the lines below, with Python 3.11.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check webencodings==0.6.1
"$room/bin/python" - <<'PYTHON'
import sys

import webencodings

SEEN = {  # label, bytes: decoded, the standard's
    ("koi8-u", b"\xae"): ("╝", "ў"),
    ("koi8-u", b"\xbe"): ("╬", "Ў"),
    ("gbk", b"\x80"): ("\ufffd", "€"),
    ("gb18030", b"\xa8\xbc"): ("\ue7c7", "ḿ"),
    ("euc-jp", b"\xad\xa1"): ("\ufffd\ufffd", "①"),
    ("windows-1252", b"\x81"): ("\ufffd", "\x81"),
    ("windows-1255", b"\xca"): ("\ufffd", "\u05ba"),
    ("big5", b"\xa1\x45"): ("\u2022", "\u2027"),
    ("koi8-u", b"\xa4"): ("є", "є"),
}
changed = False
for (label, body), (as_seen, standard) in SEEN.items():
    text, encoding = webencodings.decode(body, label)
    print(f"{label:13} {body.hex():5} {ascii(text):16} the standard: {ascii(standard)}")
    changed = changed or text != as_seen
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
