"""Checks that libllama is the one our layouts describe, and loads it once."""
import ctypes as c
import functools
import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from pillm.backends.llama_cpp import layout, said
from pillm.backends.llama_cpp.where import BUILD, REMEDY, child_environment, find, own_build
from pillm.errors import StageError

PROBE = "pillm.backends.llama_cpp.abi_probe"
CPUINFO = Path("/proc/cpuinfo")


@functools.cache
def load() -> c.CDLL:
    """The library with its functions declared.

    Raises StageError where the machine or the library does not fit, MissingInput where there is none.
    """
    path = find()
    _check_processor(path)
    _check_abi(path)
    library = layout.open_library(path)
    layout.declare(library)
    said.listen(library)
    library.llama_backend_init()
    return library


def _check_processor(path: Path) -> None:
    """The wheel for x86-64 is built with AVX2 and dies without a word on processors that lack it."""
    ours = platform.machine() == "x86_64" and own_build() is None and CPUINFO.exists()
    if ours and "avx2" not in CPUINFO.read_text().split():
        raise StageError(f"llama.cpp: {path.name} needs a processor with AVX2, which this machine has not. "
                         f"Build llama.cpp {BUILD} here and point LLAMA_CPP_DIR to it.")


def _check_abi(path: Path) -> None:
    verdicts = _cache_file()
    key = _verdict_key(path)
    if verdicts.exists() and key in verdicts.read_text().split():
        return
    if problems := _probe(path):
        raise StageError(f"llama.cpp: {path} is not the library that this version of pillm knows "
                         f"({'; '.join(problems[:3])}). {REMEDY}")
    _remember(verdicts, key)


def _probe(path: Path) -> list[str]:
    """The verdict of the module PROBE in a process of its own, where a crash is a verdict too."""
    child = subprocess.run([sys.executable, "-m", PROBE, str(path)], capture_output=True, text=True,
                           env=child_environment())
    if child.returncode == 0:
        return json.loads(child.stdout)
    return [(child.stderr.strip().splitlines() or [f"the check ended with signal {-child.returncode}"])[-1]]


def _verdict_key(path: Path) -> str:
    """Changes with the library's file and with our layouts."""
    facts = path.stat()
    ours = "".join(Path(__file__).with_name(name).read_text() for name in ("layout.py", "abi_probe.py"))
    return hashlib.sha256(f"{path} {facts.st_size} {facts.st_mtime_ns} {ours}".encode()).hexdigest()


def _cache_file() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "pillm" / "llama_cpp_libraries_that_fit.txt"


def _remember(verdicts: Path, key: str) -> None:
    """A cache that cannot be written costs only the check's quarter of a second next time."""
    try:
        verdicts.parent.mkdir(parents=True, exist_ok=True)
        with verdicts.open("a") as file:
            file.write(f"{key}\n")
    except OSError:
        return
