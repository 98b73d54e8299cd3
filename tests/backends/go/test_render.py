"""Go's own text/template, where Go is installed."""
import os
from pathlib import Path

import pytest

from pillm.backends.go import render as go
from pillm.engine import registry
from pillm.errors import StageError

needs_go = pytest.mark.skipif(not go.is_installed(), reason="Go is not installed (apt-get install golang-go)")


@needs_go
def test_each_of_the_data_is_rendered() -> None:
    found = go.render("{{ .A }}é\n", [{"A": "x"}, {"A": "🍁 <b>"}])
    assert found == [go.Rendered("xé\n"), go.Rendered("🍁 <b>é\n")]


@needs_go
def test_an_error_is_told_for_its_data_only() -> None:
    fine, wrong = go.render("{{ slice .A 1 }}", [{"A": "xy"}, {"A": ""}])
    assert (fine.text, fine.error) == ("y", "") and "index out of range" in wrong.error


@needs_go
def test_a_template_that_is_none() -> None:
    assert "unclosed action" in go.render("{{ ", [{}])[0].error


@pytest.mark.parametrize("stage", ["modelfile", "parity"])
def test_who_renders_belongs_to_the_identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: str) -> None:
    fingerprint = registry.load(stage).fingerprint
    found = []
    for name in ("other", "go"):
        (tmp_path / name).touch(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        found.append(fingerprint()["templates_by"] if fingerprint else "")
    assert found == ["pillm", "Go"]


def test_a_go_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "go").write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    go._program.cache_clear()
    with pytest.raises(StageError, match=r"^go: no space left\. Install Go"):
        go.render("", [{}])
