"""From bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.text.charsets import decoded, header_label, html_label, xml_label
from wiredesk.text.encodings import decode, encoding_of

RUSSIAN = "Новости порта: паром вернулся, туман рассеялся."
GERMAN = "„Das reicht nicht“ – 1,9 Millionen € im Jahr…"
KOREAN = "오똠리 섬 여객선"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-1", "cp1252", GERMAN),
        ("latin1", "cp1252", GERMAN),
        ("us-ascii", "cp1252", GERMAN),
        ("iso-8859-9", "cp1254", "“İstanbul” – şehir"),
        ("gb2312", "gb18030", "港口新闻镕€"),
        ("x-gbk", "gb18030", "港口新闻镕"),
        ("euc-kr", "cp949", KOREAN),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("shift_jis", "cp932", "港の①ニュース㈱"),
        ("x-sjis", "cp932", "港の①ニュース㈱"),
        ("windows-31j", "cp932", "髙橋﨑"),
        ("euc-jp", "euc_jp", "港のニュース"),
        ("euc-jp", "euc_jis_2004", "①㈱の港"),
        ("big5", "big5hkscs", "港口新聞㗎"),
        ("tis-620", "cp874", "ข่าวท่าเรือ…"),
        ("iso-8859-11", "cp874", "ข่าวท่าเรือ…"),
        ("x-cp1251", "cp1251", RUSSIAN),
        ("koi8-r", "koi8_r", RUSSIAN),
        ("iso-8859-8-i", "iso8859_8", "חדשות הנמל"),
        ("x-mac-cyrillic", "mac_cyrillic", RUSSIAN),
        ("iso-2022-jp", "iso2022_jp", "港のニュース"),
    ],
)
def test_a_label_means_what_it_means_to_browsers(label: str, codec: str, text: str) -> None:
    assert decoded(text.encode(codec), labels=[label]) == text


@pytest.mark.parametrize(
    ("body", "label", "text"),
    [
        (b"\xae\xbe", "koi8-u", "ўЎ"),
        (b"\xca", "windows-1255", "\u05ba"),
        (b"\xa1\x45", "big5", "‧"),
        (b"\xa8\xbc", "gb18030", "ḿ"),
        (b"\x80 5", "gbk", "€ 5"),
    ],
)
def test_bytes_mean_what_the_standards_tables_say_where_pythons_say_otherwise(
    body: bytes, label: str, text: str
) -> None:
    encoding = encoding_of(label)

    assert encoding is not None
    assert decode(body, encoding) == text


def test_a_byte_that_python_leaves_undefined_is_the_control_of_its_number() -> None:
    assert decode(bytes([0x81, 0x8D, 0x80]), "windows-1252") == "\x81\x8d€"


@pytest.mark.parametrize("label", ["", "bogus", "hz-gb-2312", "x-user-defined", "utf-7", "base64", "idna"])
def test_what_is_no_charset_of_texts_names_none(label: str) -> None:
    assert encoding_of(label) is None


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_goes_before_whatever_is_declared(codec: str) -> None:
    assert decoded(f"<a>{RUSSIAN}</a>".encode(codec), labels=["windows-1252"]) == f"<a>{RUSSIAN}</a>"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("start", ["<", "{"])
def test_wide_characters_are_seen_without_a_mark(codec: str, start: str) -> None:
    if not (start == "{" and "32" in codec):
        assert decoded(f"{start}{RUSSIAN}".encode(codec)) == f"{start}{RUSSIAN}"


def test_wide_characters_that_only_the_header_tells_of_are_read() -> None:
    assert decoded(f"xml {RUSSIAN}".encode("utf-16-be"), labels=["utf-16be"]) == f"xml {RUSSIAN}"


@pytest.mark.parametrize("label", ["windows-1251", "iso-8859-1", "gbk"])
def test_valid_utf_8_goes_before_what_is_declared(label: str) -> None:
    assert decoded(RUSSIAN.encode(), labels=[label]) == RUSSIAN


@pytest.mark.parametrize("labels", [[], ["utf-8"], ["iso-8859-1"], ["utf-8", "windows-1251"]])
def test_one_broken_byte_is_one_replacement_character(labels: list[str]) -> None:
    body = "Żółć nad portem — Grüße".encode() + b"\xff" + " новости".encode()

    assert decoded(body, labels=labels) == "Żółć nad portem — Grüße\ufffd новости"


def test_one_broken_byte_of_a_declared_charset_is_one_replacement_character() -> None:
    assert decoded(KOREAN.encode("cp949") + b"\xff!", labels=["euc-kr"]) == f"{KOREAN}\ufffd!"


def test_the_first_label_that_can_be_true_is_believed() -> None:
    body = RUSSIAN.encode("cp1251")

    assert decoded(body, labels=["utf-8", "windows-1251"]) == RUSSIAN
    assert decoded(body, labels=["windows-1251", "koi8-r"]) == RUSSIAN
    assert decoded(body, labels=["euc-kr", "windows-1251"]) == RUSSIAN
    assert decoded(body, labels=[None, "bogus", "windows-1251"]) == RUSSIAN


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("cp949", "항구 소식 여객선이 돌아왔고 안개가 걷혔다"),
        ("gb18030", "港口新闻：渡轮已返回，雾已散去，议会批准了新的冬季时刻表"),
        ("cp932", "港のニュース、フェリーが戻り、霧が晴れた。"),
        ("cp1253", "Νέα από το λιμάνι, το πλοίο επέστρεψε"),
        ("cp1252", "Grüße aus München"),
    ],
)
@pytest.mark.parametrize("labels", [[], ["utf-8"]])
def test_what_no_label_can_be_true_for_is_detected(codec: str, text: str, labels: list[str]) -> None:
    body = f"<rss><title>{text}</title></rss>".encode(codec)

    assert decoded(body, labels=labels) == f"<rss><title>{text}</title></rss>"


@given(
    st.binary(),
    st.lists(st.sampled_from(["utf-8", "windows-1252", "euc-kr", "iso-2022-jp", "utf-16", "big5", "bogus"])),
)
def test_any_bytes_are_text(body: bytes, labels: list[str]) -> None:
    decoded(body, labels=labels).encode("utf-8")


@given(
    st.text().filter(lambda text: not text.startswith(("\ufeff", "<\x00", "\x00<", "{\x00", "\x00{"))),
    st.binary(max_size=40),
)
def test_text_in_utf_8_is_read_whatever_is_declared(text: str, label: bytes) -> None:
    assert decoded(text.encode(), labels=[label.decode("latin-1"), "windows-1252"]) == text


def test_labels_are_found_where_they_are_written() -> None:
    assert xml_label(b"<?xml version='1.0' encoding='windows-1251'?><a/>") == "windows-1251"
    assert xml_label(b"<a encoding='windows-1251'/>") is None
    assert html_label(b'<head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr">') == "euc-kr"
    assert html_label(b"<meta charset = 'gbk'>") == "gbk"
    assert html_label(b"<p>charset=gbk") is None
    assert header_label('text/html; Charset="Windows-1251"; q=1') == "Windows-1251"
    assert header_label("text/html") is None


def test_a_declaration_that_is_read_byte_by_byte_is_not_in_wide_characters() -> None:
    assert xml_label(b'<?xml version="1.0" encoding="UTF-16"?><a/>') is None
