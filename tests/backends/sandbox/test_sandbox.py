import os
import platform
import re
import signal
import stat
import struct
import subprocess
import sys
import time

import psutil
import pytest

from pillm.backends import memory, sandbox
from pillm.backends.sandbox import available, beneath, contain, limits
from pillm.backends.sandbox.listen import Heard
from pillm.errors import PillmError, SandboxError
from tests.conftest import ROOT

contained = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))


@pytest.fixture
def folder():
    with sandbox.folder() as made:
        yield made


@contained
def test_a_command_works_in_its_folder(folder):
    (folder / "b.txt").write_text("two\none\n", "utf-8")
    ran = sandbox.run("sort b.txt > sorted; cat; pwd; id -un; exit 3", folder, stdin=b"given\n")
    assert (ran.code, ran.stdout, ran.stderr, ran.timed_out) == (3, b"given\n/home/u\nu\n", b"", False)
    assert beneath.read(folder, "sorted", 100) == b"one\ntwo\n"


@contained
def test_what_is_there_is_small_and_its_own(folder):
    ran = sandbox.run("ls /; ls /home; ls -A /tmp /run 2>/dev/null; hostname", folder)
    said = ran.stdout.decode().split()
    assert {"usr", "proc", "dev", "home", "tmp"} <= set(said) <= {
        "bin", "sbin", "lib", "lib32", "lib64", "usr", "etc", "proc", "dev", "home", "tmp", "u", "/tmp:", "sandbox"}


@contained
def test_no_process_but_its_own_is_seen(folder):
    ran = sandbox.run("set -- /proc/[0-9]*; echo $#; cat /proc/[0-9]*/comm", folder)
    seen, *names = ran.stdout.decode().split()
    assert int(seen) <= len(names) + 1 <= 5 and "pytest" not in names


@contained
def test_order_and_dates_do_not_depend_on_who_asks(folder, monkeypatch):
    monkeypatch.setenv("TZ", "America/Toronto")
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    ran = sandbox.run(r"printf 'b\na\nB\n' | sort; date -d @0 +%H:%M; umask", folder)
    assert ran.stdout == b"B\na\nb\n00:00\n0022\n"


@contained
def test_time_is_bounded(folder):
    began = time.monotonic()
    ran = sandbox.run("echo began; sleep 60", folder, timeout_s=0.5)
    assert (ran.stdout, ran.timed_out, ran.beyond, ran.code) == (b"began\n", True, "time", 137)
    assert 0.5 <= ran.seconds <= time.monotonic() - began < 10


@contained
def test_output_is_cut_and_said_to_be(folder):
    ran = sandbox.run("yes", folder)
    assert (len(ran.stdout), ran.beyond, ran.timed_out) == (limits.OUTPUT_BYTES, "output", False)


@contained
def test_memory_of_all_processes_together_is_bounded(folder):
    ran = sandbox.run("for i in $(seq 20); do perl -e '$x = q(x) x 9e7; sleep 20' & done; wait", folder, timeout_s=20)
    assert (ran.beyond, ran.timed_out) == ("memory", False)


@contained
def test_a_command_that_leaves_something_behind_leaves_no_process(folder):
    sandbox.run("(while :; do date +%N > clock; done) & sleep 0.1", folder)
    first = beneath.read(folder, "clock", 100)
    time.sleep(0.1)
    assert beneath.read(folder, "clock", 100) == first is not None


@contained
@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGINT])
def test_a_command_ends_with_the_program_that_runs_it(folder, ended):
    script = ("import sys; from pathlib import Path; from pillm.backends import sandbox; "
              "sandbox.run('sleep 600 & setsid sleep 600', Path(sys.argv[1]), timeout_s=60)")
    program = psutil.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)
    below: list[psutil.Process] = []
    while len(below) < 5:  # bubblewrap, process 1, bash and two that sleep
        assert program.poll() is None
        time.sleep(0.05)
        below = program.children(recursive=True)
    program.send_signal(ended)
    program.wait(20)
    assert psutil.wait_procs(below, 20)[1] == []


@contained
def test_modes_are_kept_when_root_gives_the_folder_away(folder):
    (folder / "tool").write_bytes(b"x")
    (folder / "tool").chmod(0o4711)
    assert sandbox.run("stat -c '%a %U' tool", folder).stdout == b"4711 u\n"


@contained
@pytest.mark.parametrize("command", ["a\0b", "x" * (limits.COMMAND_BYTES + 1)])
def test_what_cannot_be_a_command_is_refused(folder, command):
    with pytest.raises(SandboxError, match="Shorten it"):
        sandbox.run(command, folder)


@contained
def test_characters_that_are_none_are_given_as_bytes(folder):
    assert sandbox.run("printf '\ud800' | wc -c", folder).stdout == b"3\n"


@contained
def test_a_folder_that_is_closed_by_the_command_is_told_of_and_removed():
    with sandbox.folder() as made:
        (made / "a").write_text("x", "utf-8")
        ran = sandbox.run("mkdir b; chmod 000 b .; sleep 0.3", made)
        assert ran.beyond == (None if os.geteuid() == 0 else "folder")
        assert beneath.read(made, "a", 9) == (b"x" if os.geteuid() == 0 else None)
    assert not made.exists()


@contained
def test_a_folder_too_deep_to_be_counted_is_removed_all_the_same():
    with sandbox.folder() as made:
        ran = sandbox.run("mkdir -p closed/$(seq -s/ 300); mkdir -m 000 closed/1/x; chmod 000 closed; sleep 3", made)
        assert ran.beyond == "folder"
    assert not made.exists()


@contained
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the system calls of i386 are reached from x86-64")
def test_the_system_calls_of_another_architecture_end_the_caller(folder):
    call = bytes.fromhex("b814000000cd80" "bf00000000b83c0000000f05")  # getpid by int 0x80, then exit(0)
    start, size = 0x400078, 0x78 + len(call)
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    part = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096)
    (folder / "program").write_bytes(head + part + call)
    (folder / "program").chmod(0o755)
    ran = sandbox.run("./program", folder)
    assert ran.code in (128 + signal.SIGSYS, 128 + signal.SIGSEGV)  # the latter where the kernel has no i386 at all


def test_reading_is_not_led_out_of_the_folder(tmp_path):
    (tmp_path / "secret").write_text("no", "utf-8")
    inside = tmp_path / "in"
    (inside / "d").mkdir(parents=True)
    (inside / "d" / "a").write_text("yes", "utf-8")
    (inside / "file").symlink_to("../secret")
    (inside / "folder").symlink_to("..")
    os.mkfifo(inside / "pipe")
    paths = ["file", "folder/secret", "../secret", "d/../../secret", "/etc/passwd", "d", "pipe", "none", "", "d//a"]
    assert [beneath.read(inside, path, 9) for path in paths] == [None] * len(paths)
    assert beneath.read(inside, "d/a", 2) == b"ye"
    assert beneath.target(inside, "file") == "../secret"
    assert beneath.look(inside, "folder/secret") is None
    assert stat.S_ISLNK(beneath.look(inside, "folder").st_mode)


@pytest.fixture
def asked_anew():
    available.missing.cache_clear()
    yield
    available.missing.cache_clear()


def test_without_bubblewrap_nothing_is_run_and_the_remedy_is_told(folder, monkeypatch, asked_anew):
    monkeypatch.setattr("shutil.which", lambda tool: None if tool == "bwrap" else f"/usr/bin/{tool}")
    assert sandbox.missing() == "sandbox: bwrap is not installed. Run `apt-get install bubblewrap`."
    with pytest.raises(OSError, match="bwrap is not installed") as error:
        sandbox.run("touch mine", folder)
    assert isinstance(error.value, PillmError)
    assert list(folder.iterdir()) == []


def test_elsewhere_than_on_linux_it_is_told(monkeypatch, asked_anew):
    monkeypatch.setattr("sys.platform", "darwin")
    assert sandbox.missing() == ("sandbox: commands are contained by Linux, and this is darwin. "
                                 "Run on Linux or in a container.")


@contained
def test_where_the_kernel_does_not_let_us_it_is_told_in_its_words():
    alone = ["unshare", "--user", "--map-root-user", sys.executable, "-c",
             "from pillm.backends import sandbox; print(sandbox.missing())"]
    done = subprocess.run(alone, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"sandbox: a folder cannot be given to user 65534 \(.+\)\. Let this user make user "
                        r"namespaces \(see docs/sandbox.md\), with bubblewrap 0.8 or newer.\n", done.stdout)


def ended():
    """A process that was, as bubblewrap's status tells of it."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    return gone.pid


def test_a_command_that_ends_as_it_is_killed_has_ended():
    heard = Heard(b"", b"", b'{"child-pid": %d}' % ended(), "time")
    with subprocess.Popen(["sleep", "0.2"]) as bubblewrap:
        assert contain._ended(bubblewrap, heard) == contain.KILLED
        assert bubblewrap.returncode == 0


def test_processes_that_do_not_end_are_told(monkeypatch):
    monkeypatch.setattr(contain, "GRACE_S", 0.05)
    with subprocess.Popen(["sleep", "0.5"]) as process, pytest.raises(SandboxError, match="did not end within"):
        contain._ended(process, Heard(b"", b"", b"", None))


def test_a_child_that_ends_while_memory_is_summed_holds_none(monkeypatch):
    with subprocess.Popen(["sleep", "9"]) as child:
        gone = psutil.Process(child.pid)
        child.kill()
    alone = memory.resident_mib()
    monkeypatch.setattr(psutil.Process, "children", lambda *_, **__: [gone])
    assert 0 < memory.resident_mib() < 2 * alone
    assert memory.resident_bytes(ended()) == 0
