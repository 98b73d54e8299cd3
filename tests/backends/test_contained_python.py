"""Programs of Python with music21 in the sandbox: they find the library, and nothing else of this machine's."""


import pytest

from pillm.backends import contained_python, sandbox
from pillm.backends.sandbox import user
from pillm.errors import SandboxError
from pillm.serve.checkers import CHECKERS
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(contained_python.missing() is not None, reason=str(contained_python.missing()))

TIMEOUT_S = 30.0


def ran(program: str) -> tuple[int, str]:
    with sandbox.folder() as folder:
        (folder / "notes.txt").write_text("C4\nB-3\n", "utf-8")
        found = contained_python.run(program, folder, timeout_s=TIMEOUT_S)
        return found.code, found.stdout.decode()


def test_music21_is_there_and_files_are_read() -> None:
    program = "from music21 import pitch\nprint([pitch.Pitch(x).midi for x in open('notes.txt').read().split()])"
    assert ran(program) == (0, "[60, 58]\n")


@pytest.mark.parametrize("attack", [
    "import music21, pathlib; (pathlib.Path(music21.__file__).parent / 'note.py').write_text('')",
    "import music21, os; os.chmod(os.path.dirname(music21.__file__), 0o777)",
    "import sys, shutil; shutil.rmtree(sys.base_prefix)",
    "import socket; socket.create_connection(('127.0.0.1', 22), 2)",
    "open('/etc/shadow').read()",
    f"open({str(ROOT / 'pyproject.toml')!r}).read()",
    "import os; os.kill(1, 9); os.setuid(0)",
    "import ctypes; assert ctypes.CDLL(None).mount(b'none', b'/mnt', b'tmpfs', 0, None) == 0",
    "x = bytearray(2**30)",
])
def test_what_would_do_harm_fails(attack: str) -> None:
    code, _ = ran(f"{attack}\nprint('done')")
    assert code != 0
    assert ran("import music21; print('whole')") == (0, "whole\n")


def test_nothing_of_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    _, told = ran("import os; print(os.environ, os.listdir('/'), os.getcwd())")
    assert "s3cret" not in told and "/home/u" in told


def test_the_checker_runs_it_on_every_tree() -> None:
    trees = [{"files": {"n.txt": "C4\n"}}, {"files": {"n.txt": "A4\n"}}]
    wanted = {"trees": trees, "stdout": ["60\n", "69\n"], "timeout_s": TIMEOUT_S}
    right = "```python\nfrom music21 import pitch\nprint(pitch.Pitch(open('n.txt').read().strip()).midi)\n```"
    checker = CHECKERS["python"]
    assert checker.suits(wanted)
    assert checker(right, wanted)["score"] == 1
    for wrong in ("print(60)", "```python\nprint(60\n```", "", "echo 60", right.replace(".midi", ".octave")):
        assert checker(wrong, wanted)["score"] == 0



def test_what_the_shelf_would_cover_is_refused() -> None:
    with pytest.raises(SandboxError, match="cannot be shown to a command that root runs"):
        user.shelved([user.SHELF / "lib"])
