"""Finding libllama, and refusing one that is not the one we know."""
import shutil
import subprocess
from pathlib import Path

import pytest

from pillm.backends.llama_cpp import abi_probe, layout, lib, where
from pillm.engine import registry
from pillm.errors import MissingInput, StageError

CRASHES = "#include <stdlib.h>\n__attribute__((constructor)) static void die(void) { abort(); }"


@pytest.fixture
def own_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where LLAMA_CPP_DIR looks for a library."""
    monkeypatch.setenv("LLAMA_CPP_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "build" / "bin").mkdir(parents=True)
    lib.load.cache_clear()
    return tmp_path / "build" / "bin" / "libllama.so"


def test_the_wheel_is_the_default() -> None:
    assert where.find().name.startswith("xllamacpp")
    assert where.identity() == {"llama_cpp": where.WHEEL.replace("==", " ")}
    assert b"CPU" in lib.load().llama_print_system_info()


def test_the_wheel_fits_our_layouts() -> None:
    assert abi_probe.differences(layout.open_library(where.find())) == []


def test_other_defaults_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(abi_probe.CONTEXT_DEFAULTS, "n_batch", 4096)
    assert abi_probe.differences(lib.load()) == ["ContextParams.n_batch is 2048, not 4096"]


def test_own_build_goes_first(own_build: Path) -> None:
    own_build.write_bytes(b"")
    assert where.find() == own_build
    assert where.identity()["llama_cpp"].startswith("own build ")
    assert where.own_identity() == where.identity()


@pytest.mark.parametrize("stage", ["evaluate", "calibrate", "prefer", "imatrix", "quantize", "divergence", "parity",
                                   "modelfile"])
def test_own_build_belongs_to_what_it_computes(own_build: Path, stage: str) -> None:
    own_build.write_bytes(b"")
    fingerprint = registry.load(stage).fingerprint
    before = fingerprint() if fingerprint else {}
    own_build.write_bytes(b"another")
    assert fingerprint and before and fingerprint() != before


def test_an_empty_variable_names_no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_CPP_DIR", "")
    assert where.find().name.startswith("xllamacpp")
    assert (where.own_identity(), where.identity()) == ({}, {"llama_cpp": where.WHEEL.replace("==", " ")})


def test_missing_build(own_build: Path) -> None:
    with pytest.raises(MissingInput, match=f"LLAMA_CPP_DIR: there is no libllama in .*pip install {where.WHEEL}"):
        lib.load()


def test_not_a_library(own_build: Path) -> None:
    own_build.write_text("not a library")
    with pytest.raises(StageError, match=f"is not the library .* must be llama.cpp {where.BUILD}"):
        lib.load()


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_another_library_lacks_functions(own_build: Path) -> None:
    _compile("int other(void) { return 0; }", own_build)
    with pytest.raises(StageError, match="no function llama_backend_init"):
        lib.load()


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_crash_is_told(own_build: Path) -> None:
    _compile(CRASHES, own_build)
    with pytest.raises(StageError, match="signal 6"):
        lib.load()


def test_a_good_verdict_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    probed: list[Path] = []
    monkeypatch.setattr(lib, "_probe", lambda path: probed.append(path) or [])
    for _ in range(2):
        lib.load.cache_clear()
        lib.load()
    assert probed == [where.find()]


def test_an_old_processor_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = tmp_path / "cpuinfo"
    facts.write_text("flags : fpu sse sse2 avx\n")
    monkeypatch.setattr(lib, "CPUINFO", facts)
    monkeypatch.setattr(lib.platform, "machine", lambda: "x86_64")
    lib.load.cache_clear()
    with pytest.raises(StageError, match="needs a processor with AVX2"):
        lib.load()


def test_threads_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert where.default_threads() == 3


def _compile(source: str, out: Path) -> None:
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(out)], input=source.encode(), check=True)
