import json
from dataclasses import replace

import pytest

from pillm.backends import sandbox
from pillm.errors import ConfigError
from pillm.serve.checkers import CHECKERS
from pillm.serve.examining import examined
from pillm.serve.execution.judge import execution, judge
from pillm.serve.questions import read, require_checkers

pytestmark = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))

TREES = [
    {"files": {"logs/a.log": "ok\nerror: disk\n", "logs/b.txt": "error\n", "run.sh": {"text": "x", "mode": "0600"}}},
    {"files": {"c.log": "error: net\nerror: net\n", "d/e.log": "", "keep me/": {}, "l": {"link": "c.log"}}}]
FIND = {"trees": TREES, "stdout": ["logs/a.log\n", "c.log\nd/e.log\n"], "order": "any", "paths": True}
COUNT = {"trees": TREES, "stdout": ["1 error: disk\n1 ok\n", "2 error: net\n"], "blanks": True}
GZIP = {"trees": TREES, "state": [{"logs/a.log": None, "logs/a.log.gz": {}},
                                  {"c.log": None, "c.log.gz": {}, "d/e.log": None, "d/e.log.gz": {}}]}
EXECUTABLE = {"trees": TREES[:1], "state": [{"run.sh": {"mode": "0700", "text": "x"}}]}
TOUCH = {"trees": TREES[:1], "state": [{"run.sh": {"age_s": 0}, "new/": {"mode": "0755"}, "l": {"link": "logs"}}]}
CUT = {"trees": TREES[:1], "state": [{"logs/": None, "out.txt": "error: disk\n"}]}


@pytest.mark.parametrize(("argument", "right", "wrong"), [
    (FIND,
     ["find . -name '*.log'", "find ~ -type f -name '*.log' | sort -r", "find logs c.log d -name '*.log' 2>/dev/null"],
     ["ls *.log", "find . -name '*log*'", "find . -name '*.log' -print -delete", "find . -type f", "", "true",
      "find . -name '*.log'; find . -name '*.log'", "find . -name '*.log'; chmod -R a+x ."]),
    (COUNT,
     ["cat $(find . -name '*.log') | sort | uniq -c", "sort $(find . -name '*.log') | uniq -c | awk '{$1=$1}1'"],
     ["cat $(find . -name '*.log') | sort | uniq", "sort $(find . -name '*.log') | uniq -c | tail -n1"]),
    (GZIP, ["find . -type f -name '*.log' -exec gzip {} +", "find . -type f -name '*.log' | xargs -n1 gzip"],
     ["gzip *.log", "gzip -k $(find . -name '*.log')", "gzip -r .", "rm -rf *",
      "find . -type f -name '*.log' -exec gzip {} +; rm -r 'keep me'"]),
    (EXECUTABLE, ["chmod u+x run.sh", "chmod 700 run.sh"],
     ["chmod +x run.sh", "chmod 777 *", "chmod -R 700 .", "chmod u+x run.sh; echo >> run.sh"]),
    (TOUCH,
     ["touch run.sh; mkdir new; ln -s logs l"],
     ["touch run.sh; mkdir -m 700 new; ln -s logs l", "mkdir new; ln -s logs l",
      "touch run.sh; touch new; ln -s logs l", "touch run.sh; mkdir new; cp -r logs l"]),
    (CUT, ["grep -h disk logs/* > out.txt; rm -r logs", "tail -n1 logs/a.log | tee out.txt; rm -r logs"],
     ["grep -h disk logs/* > out.txt", "grep -h ok logs/* > out.txt; rm -r logs",
      "rm -r logs; ln -s /etc/passwd out.txt", "rm -r logs; mkdir out.txt"]),
])
def test_what_is_done_is_judged_and_not_how(argument, right, wrong):
    assert {command: judge(command, argument).why for command in right} == dict.fromkeys(right, "")
    assert [command for command in wrong if judge(command, argument).right] == []


def test_a_verdict_says_on_which_tree_and_why():
    verdict = judge("find logs -name '*.log'", FIND)
    assert (verdict.right, len(verdict.ran)) == (False, 2)
    assert verdict.why.startswith("tree 2: it printed '', with errors 'find: ")
    assert judge("sleep 9", FIND | {"timeout_s": 0.3}).why == "tree 1: it went beyond its bound of time"
    assert judge("rm -r logs", FIND | {"stdout": None, "state": [{"logs/a.log": None}, {}]}).why == \
        "tree 1: logs/b.txt: it is not there"


def test_order_counts_unless_it_does_not():
    exact = FIND | {"order": "exact"}
    assert judge("find . -name '*.log' | sort", exact).right
    assert not judge("find . -name '*.log' | sort -r", exact).right


def test_an_answer_is_right_by_its_command():
    assert execution("Sure!\n```bash\n$ find . -name '*.log'\n```\nIt looks everywhere.", FIND) == {"score": 1.0}
    assert execution("It is find with a name.", FIND) == {"score": 0.0}


@pytest.mark.parametrize("junk", ["", " ", "[", "\x00", "\ud800", "9" * 5000, "(((", "'", "<<X", "exit 0", "ls", "∞",
                                  "List the files that end in .log, one a line.", "chmod 000 . *", "exec ls"])
def test_junk_scores_nothing_and_raises_nothing(junk):
    assert CHECKERS["execution"](junk, FIND) == {"score": 0.0}


def suite(folder, answer):
    path = folder / "eval.jsonl"
    question = {"id": "logs", "user": "Which files end in .log?", "check": "execution", "answer": answer}
    path.write_text(json.dumps(question) + "\n", "utf-8")
    return path


def test_a_suite_of_such_questions_is_examined(tmp_path):
    path = suite(tmp_path, FIND)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"gold": "find . -name '*.log'"}) + "\n", "utf-8")
    found = examined(read(path))
    assert [found[who] for who in ("gold", "empty", "echo")] == [1.0, 0.0, 0.0]


def test_an_argument_that_is_none_is_told_with_its_line(tmp_path):
    with pytest.raises(ConfigError, match=r"eval.jsonl:1: answer .* does not suit execution. Give trees with"):
        read(suite(tmp_path, FIND | {"stdout": []}))


def test_a_suite_is_refused_where_commands_cannot_be_contained(tmp_path, monkeypatch):
    questions = read(suite(tmp_path, FIND))
    assert require_checkers(questions) == questions
    lacking = replace(CHECKERS["execution"], missing=lambda: "sandbox: no bubblewrap.")
    monkeypatch.setitem(CHECKERS, "execution", lacking)
    with pytest.raises(ConfigError, match=r"^1 questions .logs …. are judged by execution. sandbox: no bubblewrap.$"):
        require_checkers(questions)


def test_a_recipe_with_such_a_suite_starts_nothing_then(cli, tmp_path):
    path = suite(tmp_path, FIND)
    told = cli("+recipe=quebecois_tinyllama", "+caps=smoke", f"domain.eval={path}", PATH=str(tmp_path))
    assert (told.code, (tmp_path / "store").exists()) == (2, False)
    assert "domain.eval: 1 questions (logs …) are judged by execution. sandbox: bwrap is not installed. " \
           "Run `apt-get install bubblewrap`." in " ".join(told.err.split())
