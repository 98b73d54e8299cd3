"""Rows of CSV, TSV and Parquet with the line that each begins on."""
import gzip

import pytest

from pillm.backends import tables

CSV = 'question,answer\n"What is\nit?",a pump\n\nWhy?,"it ""leaks"""\n'
WANTED = [(2, {"question": "What is\nit?", "answer": "a pump"}, ""),
          (5, {"question": "Why?", "answer": 'it "leaks"'}, "")]


def write(file, text, encoding="utf-8"):
    octets = text.encode(encoding)
    file.write_bytes(gzip.compress(octets) if file.suffix == ".gz" else octets)
    return file


@pytest.mark.parametrize(("name", "text", "encoding"), [
    ("a.csv", CSV, "utf-8"), ("a.csv.gz", CSV, "utf-8"), ("a.tsv", CSV.replace(",", "\t"), "utf-8"),
    ("a.csv", CSV.replace("\n", "\r\n").replace("is\r\nit", "is\nit"), "utf-8"), ("a.csv", "\ufeff" + CSV, "utf-8")])
def test_rows_of_text(tmp_path, name, text, encoding):
    file = write(tmp_path / name, text)
    assert tables.columns(file, encoding) == ["question", "answer"]
    assert list(tables.rows(file, encoding)) == WANTED
    assert list(tables.rows(file, encoding, start=1)) == WANTED[1:]


def test_rows_of_parquet(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"question": ["a", "b", "c"], "tags": [["x"], [], None]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    assert tables.columns(tmp_path / "a.parquet", "utf-8") == ["question", "tags"]
    assert list(tables.rows(tmp_path / "a.parquet", "utf-8", start=1)) == [
        (2, {"question": "b", "tags": []}, ""), (3, {"question": "c", "tags": None}, "")]


@pytest.mark.parametrize(("name", "octets", "told"), [
    ("a.csv", b"", "names no columns"), ("a.csv", b"a,a\n1,2\n", "two columns have one name"),
    ("a.parquet", b"no parquet", "[Pp]arquet")])
def test_what_is_no_table_is_told(tmp_path, name, octets, told):
    (tmp_path / name).write_bytes(octets)
    with pytest.raises(ValueError, match=told):
        tables.columns(tmp_path / name, "utf-8")


def test_damage_further_down_comes_after_the_rows_above_it(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'a,b\n1,2\n3,"never closed\n')
    rows = tables.rows(tmp_path / "a.csv", "utf-8")
    assert next(rows) == (2, {"a": "1", "b": "2"}, "")
    with pytest.raises(ValueError, match="below line"):
        next(rows)


def test_bytes_of_another_encoding_spoil_their_row_only(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,\xe9\n3,4\n")
    assert list(tables.rows(tmp_path / "a.csv", "utf-8")) == [
        (2, {"a": "1", "b": "\udce9"}, ""), (3, {"a": "3", "b": "4"}, "")]
    assert next(tables.rows(tmp_path / "a.csv", "latin-1")).values == {"a": "1", "b": "é"}


@pytest.mark.parametrize(("row", "cells"), [
    ("a,b", 0), ("a,b,", 0), ("a,b,,", 0), ("a", 1), ("a,b, and c", 3), ("a,", 0),
])
def test_a_row_of_other_cells_than_its_columns_is_not_trusted(tmp_path, row, cells):
    (tmp_path / "a.csv").write_text(f"question,answer\n{row}\nc,d\n")
    first, second = tables.rows(tmp_path / "a.csv", "utf-8")
    assert first.wrong == (f"it has {cells} cells, and there are 2 columns: question, answer" if cells else "")
    assert second.wrong == ""
