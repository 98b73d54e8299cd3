"""The chats that parity compares on."""
import json
import unicodedata
from pathlib import Path

import pytest

from pillm.errors import StageError
from pillm.serve.parity_chats import built, of_domain


def test_built_chats_are_what_a_recipes_chats_are() -> None:
    cases = built(["</s>", "<|user|>", "</s>", ""])
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert case.messages[-1]["role"] == "assistant" and case.asked[-1]["role"] == "user"
        assert all(unicodedata.is_normalized("NFC", message["content"]) for message in case.messages)
    marked = [case.name for case in cases if case.name.endswith(" in a message")]
    assert marked == ["</s> in a message", "<|user|> in a message"]


def lines(file: Path, count: int) -> None:
    chats = ({"messages": [{"role": "user", "content": str(i)}, {"role": "assistant", "content": "ok"}]}
             for i in range(count))
    file.write_text("".join(json.dumps(chat) + "\n" for chat in chats), "utf-8")


def test_the_domains_chats_are_spread_over_the_first_split_that_has_any(tmp_path: Path) -> None:
    lines(tmp_path / "test.jsonl", 0)
    lines(tmp_path / "validation.jsonl", 10)
    lines(tmp_path / "train.jsonl", 3)
    assert [case.name for case in of_domain(tmp_path, 4)] == [f"validation.jsonl:{n}" for n in (1, 3, 6, 8)]
    assert len(of_domain(tmp_path, 50)) == 10


def test_no_chat_at_all_is_told(tmp_path: Path) -> None:
    lines(tmp_path / "train.jsonl", 0)
    with pytest.raises(StageError, match=r"no split has a chat\. Give prepare more records\."):
        of_domain(tmp_path, 4)
