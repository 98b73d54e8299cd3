"""Scripts, histories and logs of troubles: what was typed, and what it was for."""
import pytest

from pillm.records.gather import history, scripts, scrub, trouble
from pillm.records.gather.passage import Aside, Passage

SCRIPT = """#!/bin/bash
# Copyright 2024 Somebody
echo hi

# shellcheck disable=SC2086
rm $x

# rm -rf build
make all

# Too short
ls -a

#### Remove the old logs of this month. ####
find logs -mtime +30 -delete

# tell whether $1 is one of the wells that we have
has_well() { grep -q "$1" wells; }
"""


def test_comments_that_say_what_a_command_is_for():
    found = list(scripts.passages(SCRIPT, "tools/clean.sh", 400))
    assert [one.reason for one in found if isinstance(one, Aside)] == [
        "copyright notice", "note to the author or a tool", "commented-out code", "too short"]
    logs, function = [one for one in found if isinstance(one, Passage)]
    assert (logs.kind, logs.place) == ("comment", "tools/clean.sh:14")
    assert logs.slots == {"title": "clean.sh", "comment": "Remove the old logs of this month",
                          "begin": "remove the old logs of this month", "code": "find logs -mtime +30 -delete"}
    assert (function.kind, function.slots["name"]) == ("function", "has_well")


@pytest.mark.parametrize(("text", "typed"), [
    ("ls -a\n\ncd /tmp\n", [(1, "ls -a"), (3, "cd /tmp")]),
    ("#1700000000\nfor i in 1\ndo ls\ndone\n#1700000009\ncd /tmp\n", [(2, "for i in 1\ndo ls\ndone"), (6, "cd /tmp")]),
    (": 1700000000:0;ls -a\n: 1700000009:5;for i in 1; do \\\nls; done\n",
     [(1, "ls -a"), (2, "for i in 1; do \nls; done")]),
    ("- cmd: ls -a\n  when: 1700000000\n- cmd: echo a\\nb \\\\\n  when: 1\n", [(1, "ls -a"), (3, "echo a\nb \\")])],
    ids=["bash", "bash with times", "zsh", "fish"])
def test_histories_of_every_shell(text, typed):
    assert [tuple(one) for one in history.commands(text)] == typed


def passages(*commands: str, least: int = 2) -> list:
    return list(history.passages("\n".join(commands), ".bash_history", 200, least))


def test_what_is_usual():
    found = [one for one in passages("rsync -a a b", "ls -a", "rsync -a a b", "sudo rsync -av c d", "ls -a", "ls -a")
             if isinstance(one, Passage) and one.kind == "usual"]
    assert [(one.slots["program"], one.slots["code"], one.slots["times"], one.place) for one in found] == [
        ("rsync", "rsync -a a b", "2", ".bash_history:3"), ("ls", "ls -a", "3", ".bash_history:6")]


def test_what_follows_what():
    found = [one for one in passages(*["git add -A", "git commit"] * 3, "git push origin", "git add -A")
             if isinstance(one, Passage) and one.kind == "next"]
    assert [(one.slots["after"], one.slots["code"]) for one in found] == [
        ("git add -A", "git commit"), ("git commit", "git add -A")]


def test_a_comment_behind_a_command():
    found, = [one for one in passages("rsync -a a/ b/  # mirror a to b", least=9) if isinstance(one, Passage)]
    assert (found.kind, found.slots["comment"], found.slots["code"]) == ("comment", "mirror a to b", "rsync -a a/ b/")


@pytest.mark.parametrize("command", [
    "export API_TOKEN=abc123", "mysql -u root -pgeheim shop", "curl -u me:word https://x.org", "sshpass -p x ssh a",
    "PGPASSWORD=x psql", "curl -H 'Authorization: Bearer abcdef1234' x", "foo --password hunter2",
    "foo --password=hunter2", "echo pw | sudo -S ls", "AWS_SECRET_ACCESS_KEY=x aws s3 ls"])
def test_a_credential_is_set_aside_and_repeated_nowhere(command):
    found = passages(*[command] * 3)
    assert {one.reason for one in found} == {scrub.CREDENTIAL}
    assert not any(one.text for one in found)


@pytest.mark.parametrize("command", [
    "mkdir -p a/b", "cut -d: -f1 -s", "curl -u \"$USER:$PW\" x", "ssh -p 22 host", "export TOKEN=$(pass token)",
    "mysql -p shop", "git log --pretty=oneline", "tar -u -f a:b"])
def test_what_only_looks_like_a_credential_stays(command):
    assert scrub.typed(command)[1] == ""


def test_a_persons_folder_has_no_name():
    assert scrub.typed("cp /home/julie/a.txt /Users/julie/b") == ("cp ~/a.txt ~/b", "")


NOTES = """# 12 May
**Problem:** nginx does not start after the update
of the night
Cause: the port is taken by apache
Fix: systemctl disable --now apache2

Symptom: disk full again
Solution:
rm /var/log/old.log
journalctl --vacuum-size=200M

Problem: the printer hums
"""
SESSION = """\x1b]0;julie@box: ~\x07\x1b[32mjulie@box\x1b[0m:~$ systemctl start nginx
Job for nginx.service failed because of an error.
julie@box:~$ nginx -t
nginx: configuration file /etc/nginx/nginx.conf test is successful
julie@box:~$ sudo systemctl disable --now apache2
julie@box:~$ sudo systemctl start nginx
julie@box:~$ gcc a.c
a.c:1: fatal error: b.h: No such file or directory
julie@box:~$ exit
"""


def test_notes_of_troubles():
    first, second, open_ = trouble.passages(NOTES, "notes/may.md", 300)
    assert first.slots == {"problem": "nginx does not start after the update of the night",
                           "cause": "the port is taken by apache", "text": "systemctl disable --now apache2"}
    assert (second.place, second.slots["text"]) == (
        "notes/may.md:7", "rm /var/log/old.log\njournalctl --vacuum-size=200M")
    assert (open_.reason, open_.told) == ("a problem without what helped", "it says problem")


def test_a_session_in_which_a_command_failed():
    failed, open_ = trouble.passages(SESSION, "typescript", 300)
    assert failed.slots == {"code": "systemctl start nginx",
                            "error": "Job for nginx.service failed because of an error.",
                            "then": "nginx -t\nsudo systemctl disable --now apache2"}
    assert (failed.place, open_.reason) == ("typescript:1", "a problem without what helped")


def test_a_note_ends_where_a_session_begins():
    first, second, _ = trouble.passages(f"Problem: it is there twice\nFix: merge the two\n\n{SESSION}", "a", 300)
    assert (first.slots["text"], second.kind) == ("merge the two", "failed")


def test_a_log_without_trouble_is_told():
    aside, = trouble.passages("all is well\n", "a.log", 300)
    assert aside.reason == "neither a problem nor a prompt in it"
