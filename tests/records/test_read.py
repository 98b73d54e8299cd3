import gzip
import json
import re
import shlex
import tracemalloc
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.errors import DataError
from pillm.records.read import MAX_BYTES, MAX_DEPTH, NotJson, Row, Source, at, line, nfc, rows, sources, value

zipped = partial(gzip.compress, mtime=0)

GOOD = b'{"user": "\xc3\xa9t\xc3\xa9"}'


def read(file: Path, content: bytes) -> tuple[list[Row], list[tuple[int, str, str]]]:
    """The rows of a file with these bytes, and the refusals as (line, reason, told)."""
    file.write_bytes(content)
    refused: list[tuple[int, str, str]] = []
    found = list(rows(Source(0, file, file.name), lambda row, reason, told: refused.append((row.line, reason, told))))
    return found, refused


@pytest.mark.parametrize("content", [
    GOOD, GOOD + b"\n", GOOD + b"\r\n", b"\xef\xbb\xbf" + GOOD, b"  " + GOOD + b" \t\n", zipped(GOOD + b"\n"),
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
    (b'{"user": "a\\u0000b"}', "not JSON", "U+0000 is no character of a text"),
    (b'{"user": "a", "\\u0000": 1}', "not JSON", "U+0000 is no character of a text"),
    (b'{"user": \xef\xbb\xbf"a"}', "not JSON", "Expecting value: line 1 column 10 (char 9)"),
    (b"\x00" * 512, "not JSON", "Expecting value: line 1 column 1 (char 0)"),
    (b'{"user": "' + b"a" * MAX_BYTES + b'"}', "too long", "it has more than 8 MiB; its begin is shown"),
    (b'{"user": "' + b"a" * 50_000_000 + b'"}', "too long", "it has more than 8 MiB; its begin is shown"),
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


@pytest.mark.parametrize(("content", "line"), [
    (zipped(GOOD + b"\n")[:-9], 1),
    (zipped(b"".join(b"%d\n" % n for n in range(99_999)))[:-100_000], 52_000),
    (zipped(GOOD)[:-8] + b"\0" * 8, 0), (zipped(GOOD)[:5], 0),
], ids=["end", "middle", "sum", "head"])
def test_a_damaged_gzip_file_is_told_with_the_last_line_that_can_be_read(tmp_path, content, line):
    with pytest.raises(DataError, match=r"gz: the gzip file is damaged after line \d+ .* Fetch or make it") as told:
        read(tmp_path / "a.gz", content)
    assert int(re.search(r"line (\d+)", str(told.value))[1]) == pytest.approx(line, rel=0.1)


@pytest.mark.parametrize(("newlines", "lines"), [
    (b"\n\n\n", [1, 2, 3, 4]), (b"\r\r\r", [1, 1, 1, 1]), (b"\r\n\r", [1, 1, 2, 2]),
], ids=["\\n", "\\r", "mixed"])
def test_newlines_of_all_times(tmp_path, newlines, lines):
    """Lines are counted as editors on Linux count them."""
    content = b"".join(GOOD + newlines[n:n + 1] for n in range(4))
    found, refused = read(tmp_path / "a.jsonl", content)
    assert ([row.line for row in found], refused) == (lines, [])
    assert read(tmp_path / "a.jsonl", GOOD[:8] + b"\r" + GOOD[8:])[0][0].record == {"user": "été"}


def test_a_bad_piece_of_a_line_is_refused_and_the_others_are_read(tmp_path):
    found, refused = read(tmp_path / "a.jsonl", GOOD + b"\r{oops}\r" + GOOD)
    assert ([row.record for row in found], [told[:2] for told in refused]) == ([{"user": "été"}] * 2, [(1, "not JSON")])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_a_file_in_utf_16_is_told_with_the_way_out(tmp_path, encoding):
    mark = b"" if encoding == "utf-16" else {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}[encoding]
    with pytest.raises(DataError, match=r"it is UTF-16; .* iconv -f UTF-16 -t UTF-8 a\.jsonl > a\.utf8\.jsonl"):
        read(tmp_path / "a.jsonl", mark + GOOD.decode().encode(encoding))


def test_a_line_of_50_mb_takes_no_memory(tmp_path):
    """Its text in what is set aside is its begin."""
    file = tmp_path / "a.jsonl.gz"
    with gzip.open(file, "wb", 1) as handle:
        handle.write(b"x" * 50_000_000 + b"\n" + GOOD)
    kept: list[str] = []
    tracemalloc.start()
    found = list(rows(Source(0, file, "a"), lambda row, *_: kept.append(row.record)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ([row.line for row in found], kept) == ([2], ["x" * 1000])
    assert peak < 40 << 20


@pytest.mark.parametrize("content", [b'[{"user": "a"}]', b'[\n  {"user": "a"}\n]', b"\xef\xbb\xbf[\n"])
def test_one_json_array_is_told_with_the_way_out(tmp_path, content):
    with pytest.raises(DataError, match=r"it is one JSON array; .* jq -c '\.\[\]' a\.json > a\.lines\.jsonl"):
        read(tmp_path / "a.json", content)


@pytest.mark.parametrize("content", [b'[{"user": "a"}]', b"\xff\xfe" + '{"user": "a"}'.encode("utf-16-le")])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.lines.jsonl", "a.utf8.jsonl", "of mine.jsonl"])
def test_the_way_out_never_writes_over_its_input(tmp_path, content, name):
    with pytest.raises(DataError) as told:
        read(tmp_path / name, content)
    *command, _, out = shlex.split(str(told.value).partition("Convert it: ")[2])
    assert command[-1] == name
    assert out != name


def test_files_are_named_by_what_tells_them_apart():
    found = sources([Path("/data/fr/train.jsonl"), Path("/data/en/train.jsonl"), Path("/data/en/chat.jsonl")])
    assert [source.name for source in found] == ["fr/train.jsonl", "en/train.jsonl", "chat.jsonl"]
    row = Row(found[1], 123_456, {})
    assert at(row.code, found) == (found[1], 123_456)


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
                    | st.text(CHARACTERS),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.text(CHARACTERS, max_size=5), inner, max_size=4))


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
