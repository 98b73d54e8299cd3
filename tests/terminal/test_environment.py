"""Where the teacher's model is named outside recipes."""
from pathlib import Path

import pytest

from pillm.terminal import environment


@pytest.mark.parametrize(("here", "home", "dotenv", "real", "model"), [
    ("qwen2.5:7b-instruct\n", None, None, None, "qwen2.5:7b-instruct"),
    ("# mine\nLLM_MODEL=small\nLLM_BASE_URL=http://127.0.0.1:9/v1\n", "other", None, None, "small"),
    (None, "at-home", None, None, "at-home"),
    ("here", None, "LLM_MODEL=dotenv", None, "dotenv"),
    ("here", "home", "LLM_MODEL=dotenv", "real", "real"),
    ("", None, None, None, None),
])
def test_the_nearest_word_counts(here: str | None, home: str | None, dotenv: str | None, real: str | None,
                                 model: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    environ = {} if real is None else {"LLM_MODEL": real}
    monkeypatch.setattr("os.environ", environ)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for text, file in ((here, Path(".llmrc")), (home, Path("home/.llmrc")), (dotenv, Path(".env"))):
        if text is not None:
            file.write_text(text, "utf-8")
    environment.read()
    assert environ.get("LLM_MODEL") == model
    assert environ.get("LLM_BASE_URL") == ("http://127.0.0.1:9/v1" if here and "BASE_URL" in here else None)
