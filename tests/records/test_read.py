import gzip
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.errors import DataError
from pillm.records.read import MAX_DEPTH, NotJson, Row, Source, at, line, nfc, rows, sources, value

GOOD = b'{"user": "\xc3\xa9t\xc3\xa9"}'


def read(file: Path, content: bytes) -> tuple[list[Row], list[tuple[int, str, str]]]:
    """The rows of a file with these bytes, and the refusals as (line, reason, told)."""
    file.write_bytes(content)
    refused: list[tuple[int, str, str]] = []
    found = list(rows(Source(0, file, file.name), lambda row, reason, told: refused.append((row.line, reason, told))))
    return found, refused


@pytest.mark.parametrize("content", [
    GOOD, GOOD + b"\n", GOOD + b"\r\n", b"\xef\xbb\xbf" + GOOD, b"  " + GOOD + b" \t\n", gzip.compress(GOOD + b"\n"),
    b'{"user": "\\u00e9t\\u00e9"}', b'{"user": "e\xcc\x81te\xcc\x81"}', b'{"user": "e\\u0301te\\u0301"}',
], ids=["plain", "newline", "CRLF", "BOM", "spaces", "gzip", "escaped", "decomposed", "decomposed and escaped"])
def test_one_record_in_many_guises(tmp_path, content):
    found, refused = read(tmp_path / "a.jsonl", content)
    assert ([row.record for row in found], refused) == ([{"user": "été"}], [])


def test_lines_keep_their_numbers(tmp_path):
    """Empty lines are no rows; a BOM may stand where two files were joined; U+2028 ends no line."""
    content = b"\n".join([GOOD, b"", b"\xef\xbb\xbf" + GOOD, "{\"user\": \"a\u2028b\"}".encode(), b" \r", GOOD])
    found, refused = read(tmp_path / "a.jsonl", content)
    assert [row.line for row in found] == [1, 3, 4, 6]
    assert (found[2].record, refused) == ({"user": "a\u2028b"}, [])


@pytest.mark.parametrize(("content", "reason", "told"), [
    (b'{"user": "\xe9t\xe9"}', "not UTF-8", "byte 11 of the line is not UTF-8"),
    (b'{"user": "a"', "not JSON", "Expecting ',' delimiter: line 1 column 13 (char 12)"),
    (b'{"user": "a"} {"user": "b"}', "not JSON", "Extra data: line 1 column 15 (char 14)"),
    (b"bonjour", "not JSON", "Expecting value: line 1 column 1 (char 0)"),
    (b'{"user": "a", "n": NaN}', "not JSON", "NaN is no JSON"),
    (b'{"user": "a", "n": -Infinity}', "not JSON", "-Infinity is no JSON"),
    (b'{"user": "a", "n": 1e999}', "not JSON", "1e999 is too large for a number"),
    (b'{"user": "a", "user": "b"}', "not JSON", "a key stands twice in one object"),
    (b'{"user": "\\ud83d"}', "not JSON", "half of a surrogate pair is no character"),
    (b'{"user": "a\tb"}', "not JSON", "Invalid control character at: line 1 column 12 (char 11)"),
    (b"[" * 10_000, "not JSON", f"it is nested more than {MAX_DEPTH} levels deep"),
    (b'{"a": ' * 101 + b"1" + b"}" * 101, "not JSON", f"it is nested more than {MAX_DEPTH} levels deep"),
    (b'{"n": ' + b"9" * 5000 + b"}", "not JSON", "Exceeds the limit (4300 digits) for integer string conversion: value "
     "has 5000 digits; use sys.set_int_max_str_digits() to increase the limit"),
])
def test_a_line_that_cannot_be_read_is_refused_and_the_next_is_read(tmp_path, content, reason, told):
    found, refused = read(tmp_path / "a.jsonl", GOOD + b"\n" + content + b"\n" + GOOD)
    assert ([row.line for row in found], refused) == ([1, 3], [(2, reason, told)])


def test_a_refused_line_is_kept_whatever_its_bytes(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"user": "\xe9"}\n{"user": "\\ud83d"}\n')
    kept: list[str] = []
    assert list(rows(Source(0, file, "a"), lambda row, *_: kept.append(row.record))) == []
    assert kept == ['{"user": "\\xe9"}', '{"user": "\\ud83d"}']
    assert [json.loads(line({"text": text})) for text in kept] == [{"text": text} for text in kept]


def test_a_damaged_gzip_file_is_told(tmp_path):
    with pytest.raises(DataError, match=r"a\.gz: the gzip file is damaged .* Fetch or make it again\."):
        read(tmp_path / "a.gz", gzip.compress(GOOD * 100)[:-9])


@pytest.mark.parametrize("content", [b'[{"user": "a"}]', b'[\n  {"user": "a"}\n]', b"\xef\xbb\xbf[\n"])
def test_one_json_array_is_told_with_the_way_out(tmp_path, content):
    with pytest.raises(DataError, match=r"it is one JSON array; .* jq -c '\.\[\]' a\.json > a\.jsonl"):
        read(tmp_path / "a.json", content)


def test_files_are_named_by_what_tells_them_apart():
    found = sources([Path("/data/fr/train.jsonl"), Path("/data/en/train.jsonl"), Path("/data/en/chat.jsonl")])
    assert [source.name for source in found] == ["fr/train.jsonl", "en/train.jsonl", "chat.jsonl"]
    row = Row(found[1], 123_456, {})
    assert at(row.code, found) == (found[1], 123_456)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
                    | st.text(st.characters(exclude_categories=["Cs"])),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4))


def texts(found: object) -> list[str]:
    if isinstance(found, str):
        return [found]
    inner = [*found, *found.values()] if isinstance(found, dict) else found if isinstance(found, list) else []
    return [text for each in inner for text in texts(each)]


@given(JSON, st.booleans())
def test_what_is_read_is_normal_and_stays_as_it_is_once_written(found, escaped):
    once = value(json.dumps(found, ensure_ascii=escaped)) if _keys_stay_apart(found) else None
    assert once == (nfc(found) if _keys_stay_apart(found) else None)
    assert all(unicodedata.is_normalized("NFC", text) for text in texts(once))
    assert value(line(once).decode()) == nfc(once) == once


def _keys_stay_apart(found: object) -> bool:
    """Two keys that differ in their normal form only become one."""
    if isinstance(found, dict):
        keys = {unicodedata.normalize("NFC", key) for key in found}
        return len(keys) == len(found) and all(map(_keys_stay_apart, found.values()))
    return all(map(_keys_stay_apart, found)) if isinstance(found, list) else True


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        line(value(text.encode("utf-8", "replace").decode()))
    except NotJson as error:
        assert str(error)
