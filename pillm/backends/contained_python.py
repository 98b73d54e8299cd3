"""Programs of Python with music21, run in the sandbox, where this interpreter and the libraries are shown."""
import sys
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pillm import judged
from pillm.backends import sandbox
from pillm.backends.sandbox import Ran, folder

LIBRARIES = ("music21", "chardet", "jsonpickle", "more_itertools", "webcolors", "requests", "joblib", "numpy")
"""music21 and what it imports."""
SHOWN_ALREADY = Path("/usr")
PROBE = "import music21; print(music21.note.Note('A4').pitch.midi)"
PROBE_S = 30.0


def run(program: str, where: Path, *, timeout_s: float = 4.0) -> Ran:
    """A program in the folder, which is its home; raises SandboxError where it cannot be contained."""
    paths = ":".join(map(str, _folders()))
    interpreter = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    command = f"PYTHONPATH='{paths}' OPENBLAS_NUM_THREADS=1 exec '{interpreter}' -s -P -"
    shown = [path for path in (Path(sys.base_prefix), *_folders()) if not path.is_relative_to(SHOWN_ALREADY)]
    return sandbox.run(command, where, timeout_s=timeout_s, stdin=program.encode("utf-8", "surrogatepass"),
                       readable=shown)


@lru_cache(maxsize=1)
def missing() -> str | None:
    """Why no such program can be run here, with the remedy; None if it can, which a harmless one shows."""
    if told := sandbox.missing():
        return told
    if absent := [name for name in LIBRARIES if not find_spec(name)]:
        return f"{absent[0]} is not installed. Run `pip install 'pillm[music]'`."
    facts = sys.executable, [(name, metadata.version(name)) for name in LIBRARIES], _folders(), sandbox.facts()
    return next(iter(judged.mistakes("contained_python", facts, _mistakes)), None)


def _mistakes() -> list[str]:
    with folder() as scratch:
        ran = run(PROBE, scratch, timeout_s=PROBE_S)
    said = ran.stderr.decode(errors="replace").strip() or "it said nothing"
    return [] if ran.stdout == b"69\n" else [f"a program with music21 does not run in the sandbox ({said[-200:]}). "
                                             "See docs/sandbox.md."]


@lru_cache(maxsize=1)
def _folders() -> tuple[Path, ...]:
    """Those that the libraries are installed in."""
    found = [spec.origin for name in LIBRARIES if (spec := find_spec(name)) and spec.origin]
    return tuple(dict.fromkeys(Path(origin).resolve().parents[1] for origin in found))
