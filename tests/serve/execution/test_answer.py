import pytest

from pillm.serve.execution.answer import MOST_CHARACTERS, command


@pytest.mark.parametrize(("answer", "found"), [
    ("ls -l", "ls -l"),
    ("  ls -l \n", "ls -l"),
    ("`ls -l`", "ls -l"),
    ("$ ls -l", "ls -l"),
    ("```bash\nls -l\n```", "ls -l"),
    ("```\nls -l", "ls -l"),
    ("```sh\r\nls -l\r\n```\r\n", "ls -l"),
    ("Here you go:\n\n  ```console\n  $ ls -l\n  total 0\n  ```\nIt lists.", "ls -l"),
    ("Type this:\n$ cd a\n$ tar czf b.tgz \\\n  c\nand wait.", "cd a\ntar czf b.tgz \\\n  c"),
    ("```bash\nfor f in *; do\n  echo $f\ndone\n```", "for f in *; do\n  echo $f\ndone"),
    ("First:\n```\nls\n```\nor\n```\nrm x\n```", "ls"),
    ("echo `date` and `id`", "echo `date` and `id`"),
    ("awk '{ print $ 1 }' f", "awk '{ print $ 1 }' f"),
    ("cat <<X\n$HOME\nX", "cat <<X\n$HOME\nX"),
    ("Use ls to list files.", "Use ls to list files."),
    ("", None), (" \n", None), ("``````", "``````"), ("```\n```", None), ("$ ", None), ("a\0b", None),
    ("x" * (MOST_CHARACTERS + 1), None),
])
def test_the_command_is_found(answer, found):
    assert command(answer) == found
