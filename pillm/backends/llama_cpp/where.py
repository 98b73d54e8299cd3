"""Which llama.cpp this machine has and where; nothing is loaded.

The user's build in `LLAMA_CPP_DIR` goes first, then the library inside the pinned wheel.
"""
import hashlib
import importlib.util
import os
import sys
from pathlib import Path

from pillm import installed
from pillm.errors import MissingInput

BUILD = "b11549"
"""The llama.cpp build that `layout` describes; the one inside `WHEEL`."""
WHEEL = "xllamacpp==2026.10.11549"
NAMES = ("libllama.so", "libllama.dylib", "llama.dll")
FOLDERS = ("", "bin", "lib", "build/bin", "build/src", "build/bin/Release")
"""Where below `LLAMA_CPP_DIR` a build keeps its library."""
REMEDY = (f"`pip install {WHEEL}` brings the one that fits, where LLAMA_CPP_DIR is not set; "
          f"a build of your own must be llama.cpp {BUILD} with shared libraries.")


def own_build() -> Path | None:
    """The folder of the user's build; None where the wheel serves (LLAMA_CPP_DIR is not set, or empty)."""
    folder = os.environ.get("LLAMA_CPP_DIR")
    return Path(folder) if folder else None


def find() -> Path:
    """The library's file; raises MissingInput where there is none."""
    folder = own_build()
    return _built(folder) if folder else _from_wheel()


def _built(folder: Path) -> Path:
    for path in (folder / below / name for below in FOLDERS for name in NAMES):
        if path.is_file():
            return path.resolve()
    raise MissingInput(f"LLAMA_CPP_DIR: there is no libllama in {folder}. {REMEDY}")


def _from_wheel() -> Path:
    wheel = importlib.util.find_spec("xllamacpp")
    libraries = sorted(Path(str(wheel.origin)).parent.glob("xllamacpp*.so")) if wheel else []
    if not libraries:
        raise MissingInput(f"llama.cpp: there is no library. {REMEDY}")
    return libraries[0]


def identity() -> dict[str, str]:
    """Which llama.cpp computes here: the wheel's version, or a digest of the user's build (names, sizes, times)."""
    return own_identity() or {"llama_cpp": f"xllamacpp {installed.version('xllamacpp')}"}


def own_identity() -> dict[str, str]:
    """The same of the user's build; nothing where the wheel serves, which a stage names among its libraries."""
    if own_build() is None:
        return {}
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(find().parent.glob("*"))]
    return {"llama_cpp": f"own build {hashlib.sha256(repr(facts).encode()).hexdigest()}"}


def default_threads() -> int:
    """As many as the processor's cores that this process may use, or as OMP_NUM_THREADS says."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return int(os.environ.get("OMP_NUM_THREADS") or cores)


def child_environment() -> dict[str, str]:
    """For a Python process of ours that runs a module of this package, wherever that lies."""
    paths = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
