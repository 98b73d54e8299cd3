"""Checks that libllama is the one our layouts describe, and loads it once."""
import ctypes as c
import functools
import json
import platform
import subprocess
import sys
from functools import partial
from pathlib import Path

from pillm import judged
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
    if problems := judged.mistakes("llama_cpp_libraries_that_fit", _facts(path), partial(_probe, path)):
        raise StageError(f"llama.cpp: {path} is not the library that this version of pillm knows "
                         f"({'; '.join(problems[:3])}). {REMEDY}")


def _probe(path: Path) -> list[str]:
    """The verdict of the module PROBE in a process of its own, where a crash is a verdict too."""
    child = subprocess.run([sys.executable, "-m", PROBE, str(path)], capture_output=True, text=True,
                           env=child_environment())
    if child.returncode == 0:
        return json.loads(child.stdout)
    return [(child.stderr.strip().splitlines() or [f"the check ended with signal {-child.returncode}"])[-1]]


def _facts(path: Path) -> object:
    """The library's file, and our layouts."""
    found = path.stat()
    ours = [Path(__file__).with_name(name).read_text("utf-8") for name in ("layout.py", "abi_probe.py")]
    return str(path), found.st_size, found.st_mtime_ns, ours
