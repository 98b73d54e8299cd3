"""Comments and their commands, told apart by a grammar."""
import pytest

from pillm.backends.shell_scripts import commented, is_commented_out

SCRIPT = r'''#!/bin/sh
# Make the folder
# of the backups
mkdir -p "$BACKUP"
cd "$BACKUP" || exit 1

tar czf all.tgz .  # everything at once
echo "# no comment" <<END
# nor is this
END

# Pack each log
for log in *.log; do
    # with gzip
    gzip "$log"
done

# Say hello
hello() {
    echo hi
}
after
'''


def test_each_comment_has_the_commands_below_or_beside_it():
    found = [(one.comment, one.code, one.line, one.function) for one in commented(SCRIPT)]
    assert found == [
        ("Make the folder\nof the backups", 'mkdir -p "$BACKUP"\ncd "$BACKUP" || exit 1', 2, ""),
        ("everything at once", "tar czf all.tgz .", 7, ""),
        ("Pack each log", 'for log in *.log; do\n    # with gzip\n    gzip "$log"\ndone', 12, ""),
        ("with gzip", 'gzip "$log"', 14, ""),
        ("Say hello", "hello() {\n    echo hi\n}", 18, "hello")]
    assert not any(one.broken for one in commented(SCRIPT))


def test_what_does_not_parse_is_told():
    assert [one.broken for one in commented("# Broken on purpose\nif then ((\n")] == [True]


@pytest.mark.parametrize(("comment", "is_code"), [
    ("rm -rf build", True), ("FOO=bar", True), ("cat a | sort", True), ('echo "$HOME"', True),
    ("remove the build folder", False), ("Restart", False), ("if it is there", False)])
def test_commands_that_are_commented_out(comment, is_code):
    assert is_commented_out(comment) is is_code
