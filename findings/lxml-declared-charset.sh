#!/usr/bin/env bash
# lxml 6.1.3 (libxml2 2.14.6): an HTML page ends at the first character its declared charset does not have in the
# strict sense, and no error is raised.
#
# Behaviour: pages that say `gb2312`, `euc-kr` or `shift_jis` and hold a character of the larger set that these names
# mean on the web (GBK, the UHC syllables, the rows of NEC) are cut there: the text before it stays, every element after
# it is gone. `recover` is on; only the parser's `error_log` knows. Given `encoding="gbk"` the same bytes parse whole.
# Expected: the whole page. WHATWG Encoding, section 4.2 "Names and labels": `gb2312` is a label of GBK, `windows-949`
# one of EUC-KR, `windows-31j` one of Shift_JIS; HTML, section 13.2.3 looks a page's charset up among these labels.
# lxml's documentation of `HTMLParser`: `recover`, true by default, "try hard to parse through broken HTML".
# Seen: the lines below, with the wheel for Linux on x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check lxml==6.1.3
"$room/bin/python" - <<'PYTHON'
import sys

from lxml import etree

PAGES = {  # declared: the codec the web means by it, the one character beyond the strict set
    "gb2312": ("gbk", "镕"),
    "euc-kr": ("cp949", "똠"),
    "shift_jis": ("cp932", "①"),
}


def texts(page: bytes, encoding: str | None = None) -> tuple[list[str], bool]:
    parser = etree.HTMLParser(encoding=encoding)
    root = etree.fromstring(page, parser)
    return [paragraph.text for paragraph in root.iter("p")], bool(parser.error_log)


print(f"lxml {etree.__version__}, libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))}")
changed = False
for label, (codec, character) in PAGES.items():
    page = f'<meta charset="{label}"><p>before</p><p>A{character}B</p><p>after</p>'.encode(codec)
    as_declared, is_logged = texts(page)
    as_meant, _ = texts(page, codec)
    print(f"{label:10} as declared {as_declared}, error log {is_logged}; as {codec} {as_meant}")
    changed = changed or as_declared != ["before", "A"] or as_meant != ["before", f"A{character}B", "after"]
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
