import json

import pytest

from pillm.backends import json_lines


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x85", "\x0b", "\x1e", "é"])
def test_a_line_ends_where_json_lines_say_it_does(inside, tmp_path):
    said = {"answer": f"un{inside}deux"}
    text = json.dumps(said, ensure_ascii=False) if inside > "\x1f" else json.dumps(said)
    (tmp_path / "some.jsonl").write_bytes(f"\ufeff{text}\r\n\n{text}\n".encode())
    assert list(json_lines.values(tmp_path / "some.jsonl")) == [said, said]
    assert [number for number, _ in json_lines.texts(tmp_path / "some.jsonl")] == [1, 3]
