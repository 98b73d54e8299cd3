"""The command line's contract, on the small stages of another package."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from pillm.cli import WORDS
from tests.conftest import Cli


def runs(folder: Path) -> list[dict]:
    return [json.loads(file.read_text()) for file in sorted(folder.glob("runs/toy/*/run.json"))]


def test_without_words_it_lists_what_there_is(cli: Cli) -> None:
    told = cli()
    assert told.code == 0
    assert "quebecois_tinyllama" in told.out
    assert "A device of another package." in told.out
    assert "Draw words, a line at a time, and take up where a kill left off." in told.out


def test_help_has_every_word_and_the_version_is_ours(cli: Cli) -> None:
    told = cli("--help")
    assert (told.code, told.err) == (0, "")
    assert "quebecois_tinyllama" in told.out and "domains/blank" not in told.out
    words = {*WORDS, "+recipe", "+caps", "only", "until", "from", "force", "store", "runs", "model", "domain"}
    assert [word for word in sorted(words) if f"{word}=" not in told.out] == []
    assert "--hydra-help" in told.out
    assert cli("--version").out == f"pillm {version('pillm')}\n"


def test_another_packages_recipe_runs(cli: Cli, tmp_path: Path) -> None:
    told = cli("+recipe=toy")
    assert (told.code, told.err) == (0, "")
    (run,) = runs(tmp_path)
    assert [step["cached"] for step in run["steps"].values()] == [False, False, False]
    assert run["gates"] == [
        {"name": "count: not empty", "met": True, "told": "168 letters"},
        {"name": "enough", "met": True, "told": "count.letters is 168, wanted at least 10"}]
    folder = next(tmp_path.glob("runs/toy/*"))
    assert {"recipe.yaml", "run.json", "log.txt", "words.lines", "count.counts"} <= {p.name for p in folder.iterdir()}


def test_a_second_run_does_nothing(cli: Cli, tmp_path: Path) -> None:
    cli("+recipe=toy")
    assert cli("+recipe=toy").code == 0
    assert all(step["cached"] for step in runs(tmp_path)[1]["steps"].values())


def test_the_plan_leaves_no_file_and_says_why(cli: Cli, tmp_path: Path) -> None:
    told = cli("+recipe=toy", "plan=true")
    assert told.code == 0
    assert list(tmp_path.iterdir()) == []
    assert "never run" in told.out
    assert "after words" in told.out
    cli("+recipe=toy")
    again = cli("+recipe=toy", "shout.style.marks=5", "plan=true").out
    assert "config style.marks 2 → 5" in again
    assert "cached" in again


def test_equal_bytes_stop_the_rerun(cli: Cli, tmp_path: Path) -> None:
    letters = tmp_path / "letters.txt"
    letters.write_text("xyz")
    cli("+recipe=toy", f"words.alphabet={letters}")
    letters.write_text("xyz\n")  # other bytes, the same words
    cli("+recipe=toy", f"words.alphabet={letters}")
    steps = runs(tmp_path)[1]["steps"]
    assert [step["cached"] for step in steps.values()] == [False, True, True]
    assert steps["words"]["reasons"] == ["file letters.txt changed"]


def test_what_does_not_change_results_reruns_nothing(cli: Cli, tmp_path: Path) -> None:
    cli("+recipe=toy")
    cli("+recipe=toy", "words.nap_s=0.001")
    assert all(step["cached"] for step in runs(tmp_path)[1]["steps"].values())


def test_only_until_from_force(cli: Cli, tmp_path: Path) -> None:
    refused = cli("+recipe=toy", "only=[count]")
    assert (refused.code, list(tmp_path.iterdir())) == (2, [])
    assert "not made yet" in refused.err
    assert cli("+recipe=toy", "from=shout").code == 2
    assert cli("+recipe=toy", "until=shout").code == 0
    assert list(runs(tmp_path)[0]["steps"]) == ["words", "shout"]
    assert cli("+recipe=toy", "only=[count]").code == 0
    assert cli("+recipe=toy", "from=shout").code == 0
    forced = cli("+recipe=toy", "force=shout")
    assert "made again: the same bytes" in forced.out
    assert runs(tmp_path)[-1]["steps"]["count"]["cached"]
    assert "no such step. Did you mean 'shout'?" in cli("+recipe=toy", "until=shoot").err


def test_a_failed_stage_is_code_1_and_names_what_to_do(cli: Cli, tmp_path: Path) -> None:
    told = cli("+recipe=toy", "shout.fail=true")
    assert told.code == 1
    assert "shout: it was told to fail. Set fail=false." in told.err
    assert list(runs(tmp_path)[0]["steps"]) == ["words"]


def test_a_gate_that_is_not_met_is_code_3(cli: Cli) -> None:
    told = cli("+recipe=toy", "gates.enough.min=1000")
    assert told.code == 3
    assert "gate not met  enough: count.letters is 168, wanted at least 1000" in told.out
    assert cli("+recipe=toy", "gates.enough.min=1000", "enforce=false").code == 0


def test_a_gate_on_what_is_not_measured_is_not_met_and_on_no_step_refused(cli: Cli) -> None:
    told = cli("+recipe=toy", "gates.enough.metric=count.leters")
    assert told.code == 3
    assert "gate not met  enough: there is no count.leters. Did you mean 'count.letters'?" in told.out
    assert cli("+recipe=toy", "gates.enough.metric=count.leters", "until=shout").code == 0
    refused = cli("+recipe=toy", "gates.enough.metric=cuont.letters", "plan=true")
    assert refused.code == 2
    assert "gates.enough.metric: no step is called 'cuont'. Did you mean 'count'?" in refused.err


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted_is_told_by_its_code_and_resumes(
        by: signal.Signals, code: int, cli: Cli, foreign: Path, tmp_path: Path) -> None:
    words = ["+recipe=toy", "words.rows=40", "words.nap_s=0.1"]
    process = subprocess.Popen([sys.executable, "-m", "pillm", *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"PYTHONPATH": str(foreign)},
                               preexec_fn=lambda: signal.signal(by, signal.SIG_DFL))  # what nohup ignores stays so
    partial = _await(lambda: next(tmp_path.glob("store/words-*.partial/work/lines.txt"), None))
    _await(lambda: len(partial.read_text().splitlines()) > 3)
    process.send_signal(by)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert [(run["code"], run["error"]) for run in runs(tmp_path)] == [(130, "interrupted")]
    assert err.rstrip().endswith("python -m pillm +recipe=toy words.rows=40 words.nap_s=0.1")
    assert partial.exists()
    assert cli("+recipe=toy", "words.rows=40").code == 0


def test_a_run_that_is_ended_leaves_no_server_behind(foreign: Path, tmp_path: Path) -> None:
    """A stand-in for a build of one's own, which hears the question whether it is ready and never answers."""
    for name in ("libllama.so", "some.gguf"):
        (tmp_path / name).touch()
    server = tmp_path / "llama-server"
    server.write_text(f"""#!{sys.executable}
import os, socket, sys, time
with socket.socket(socket.AF_UNIX) as listening:
    listening.bind(sys.argv[sys.argv.index("--host") + 1])
    listening.listen()
    asked = listening.accept()
    with open(__file__ + ".pid", "w") as kept:
        kept.write(str(os.getpid()))
    time.sleep(600)
""")
    server.chmod(0o755)
    process = subprocess.Popen([sys.executable, "-m", "pillm", "ask=some.gguf"], cwd=tmp_path, stdin=subprocess.PIPE,
                               env=os.environ | {"PYTHONPATH": str(foreign), "LLAMA_CPP_DIR": str(tmp_path)})
    kept = tmp_path / "llama-server.pid"
    child = int(_await(lambda: kept.exists() and kept.read_text()))
    process.terminate()
    try:
        assert process.wait(60) == 128 + signal.SIGTERM
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
    finally:
        if Path(f"/proc/{child}").exists():
            os.kill(child, signal.SIGKILL)


def _await(condition):
    for _ in range(300):
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError


def test_two_runs_at_once_share_the_work(foreign: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pillm", "+recipe=toy", "words.nap_s=0.15"]
    both = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True,
                             env=os.environ | {"PYTHONPATH": str(foreign)}) for _ in range(2)]
    outs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert any("another run is making it" in out for out in outs)
    assert sorted(run["steps"]["words"]["cached"] for run in runs(tmp_path)) == [False, True]


def test_a_corrupted_artifact_is_told_and_made_again(cli: Cli, tmp_path: Path) -> None:
    cli("+recipe=toy")
    file = next(tmp_path.glob("store/words-*/lines.txt"))
    file.write_text("something else")
    told = cli("+recipe=toy")
    assert told.code == 1
    assert "the bytes of the file are not those that were made" in told.err
    assert cli("stored=verify").code == 1
    assert cli("+recipe=toy", "force=[words]").code == 0
    assert cli("stored=verify").code == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_is_told(foreign: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    script = (f"mount -t tmpfs -o size=256k tmpfs {small} && {sys.executable} -m pillm +recipe=toy "
              f"store={small}/store words.rows=60000")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                          check=False, env=os.environ | {"PYTHONPATH": str(foreign)})
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert not list(small.glob("store/*/manifest.json"))


def test_explain_tells_value_origin_and_meaning(cli: Cli) -> None:
    from_recipe = cli("+recipe=toy", "explain=shout.style.marks").out
    assert "shout.style.marks = 2" in from_recipe
    assert "toy.yaml:13" in from_recipe
    assert "Exclamation marks a line." in from_recipe
    assert "command line" in cli("+recipe=toy", "shout.style.marks=9", "explain=shout.style.marks").out
    assert "toybox.yaml:3" in cli("+recipe=toy", "explain=count.ram_gib").out
    assert "default of stage words" in cli("+recipe=toy", "explain=words.nap_s").out
    assert "Did you mean 'marks'?" in cli("+recipe=toy", "explain=shout.style.mark").err


def test_a_sweep_runs_shared_steps_once_and_compares(cli: Cli, tmp_path: Path) -> None:
    told = cli("-m", "+recipe=toy", "shout.style.marks=3,4,5")
    assert told.code == 0
    jobs = [json.loads(file.read_text()) for file in sorted(tmp_path.glob("runs/toy/sweep-*/*/run.json"))]
    assert [job["steps"]["words"]["cached"] for job in jobs] == [False, True, True]
    assert [job["steps"]["shout"]["cached"] for job in jobs] == [False, False, False]
    assert "job 3 of 3  shout.style.marks=5" in told.out
    table = next(tmp_path.glob("runs/toy/sweep-*/comparison.csv")).read_text().splitlines()
    assert table[0].startswith("shout.style.marks,")
    assert [line.split(",")[0] for line in table[1:]] == ["3", "4", "5"]


def test_a_sweeps_plan_heads_each_table_with_its_job(cli: Cli) -> None:
    told = cli("-m", "+recipe=toy", "shout.style.marks=3,4", "until=shout", "plan=true").out
    heads = [line for line in told.splitlines() if "nothing was run" in line]
    assert heads == [f"toy  shout.style.marks={marks}: nothing was run" for marks in (3, 4)]


def test_a_failed_job_does_not_lose_the_others(cli: Cli, tmp_path: Path) -> None:
    told = cli("-m", "+recipe=toy", "shout.fail=false,true,false", "words.rows=5,6")
    assert told.code == 1
    codes = [json.loads(f.read_text())["code"] for f in sorted(tmp_path.glob("runs/toy/sweep-*/*/run.json"))]
    assert sorted(codes) == [0, 0, 0, 0, 1, 1]


def test_one_wrong_value_starts_no_job(cli: Cli, tmp_path: Path) -> None:
    told = cli("-m", "+recipe=toy", "shout.style.marks=3,4,banana")
    assert told.code == 2
    assert "command line: shout.style.marks: must be a valid integer" in told.err
    assert list(tmp_path.iterdir()) == []


def test_joblib_shares_the_store(cli: Cli, tmp_path: Path) -> None:
    told = cli("-m", "+recipe=toy", "shout.style.marks=3,4,5", "words.nap_s=0.05", "hydra/launcher=joblib",
               "hydra.launcher.n_jobs=2")
    assert told.code == 0
    jobs = [json.loads(file.read_text()) for file in tmp_path.glob("runs/toy/sweep-*/*/run.json")]
    assert sum(not job["steps"]["words"]["cached"] for job in jobs) == 1


def test_a_recipe_file_and_parts_from_anywhere(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine" / "device").mkdir(parents=True)
    (tmp_path / "mine" / "device" / "shed.yaml").write_text(
        "name: shed\nram_gib: 8\ncores: 2\nbandwidth_gb_per_s: 9\narch: x86_64\nquant: Q8_0\n")
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "own.yaml").write_text(
        "defaults:\n  - override /device: shed\nsteps: [words, count]\nwords: {rows: 3}\n")
    told = cli("--config-dir", "mine", "+recipe=away/own.yaml", "explain=count.ram_gib")
    assert "count.ram_gib = 8" in told.out
    assert cli("--config-dir", "mine", "+recipe=away/own.yaml").code == 0
    assert "no such file" in cli("+recipe=away/other.yaml").err


def test_cfg_job_shows_the_stages_defaults(cli: Cli) -> None:
    shown = cli("+recipe=toy", "--cfg", "job").out
    assert "marks: 2" in shown
    assert "nap_s: 0.0" in shown


def test_stored_list_and_gc(cli: Cli, tmp_path: Path) -> None:
    cli("+recipe=toy")
    cli("+recipe=toy", "words.rows=3")
    assert cli("stored=list").out.count("count-") == 2
    assert "foo: no such option of stored=. There is store, runs, interrupted." in cli("stored=list", "foo=1").err
    shutil.rmtree(sorted(tmp_path.glob("runs/toy/*"))[0])
    shown = cli("stored=gc").out
    assert "3 folders" in shown and "yes=true" in shown
    assert len(list(tmp_path.glob("store/*/manifest.json"))) == 6
    cli("stored=gc", "yes=true")
    assert len(list(tmp_path.glob("store/*/manifest.json"))) == 3


def test_an_account_that_a_power_cut_emptied_is_passed_over_but_not_by_gc(cli: Cli, tmp_path: Path) -> None:
    cli("+recipe=toy")
    shutil.copytree(next(tmp_path.glob("runs/toy/*")), tmp_path / "runs" / "toy" / "20990101-000000", symlinks=True)
    (tmp_path / "runs" / "toy" / "20990101-000000" / "run.json").write_text("")
    for words in (["+recipe=toy", "plan=true"], ["stored=list"], ["+recipe=toy"]):
        told = cli(*words)
        assert told.code == 0
        assert told.err.count("runs/toy/20990101-000000/run.json: it is not JSON. Remove the run's folder") == 1
    assert "has not been run yet" in cli("ask=toy").err
    refused = cli("stored=gc", "yes=true")
    assert refused.code == 1 and "20990101-000000/run.json: it is not JSON" in refused.err
    assert len(list(tmp_path.glob("store/*/manifest.json"))) == 3


def test_gc_leaves_what_is_being_made_and_what_can_be_taken_up(cli: Cli, foreign: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "pillm", "+recipe=toy", "words.nap_s=1"], cwd=tmp_path,
                               env=os.environ | {"PYTHONPATH": str(foreign)}, stdout=subprocess.DEVNULL)
    saved = _await(lambda: next(tmp_path.glob("store/words-*.partial/work/lines.txt"), None))
    shown = cli("stored=gc", "interrupted=true", "yes=true").out
    process.kill()
    process.wait()
    assert "left alone: store/words-" in shown and saved.exists()
    assert "stored=gc interrupted=true yes=true" in cli("stored=gc", "yes=true").out and saved.exists()
    assert "Did you mean 'interrupted'?" in cli("stored=gc", "interupted=true", "yes=true").err
    assert cli("stored=gc", "interrupted=true", "yes=true").code == 0 and not saved.exists()
