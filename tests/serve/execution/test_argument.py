import pytest

from pillm.serve.execution.argument import Argument, mistakes

GOOD = {"trees": [{"files": {"a/b.txt": "x"}}, {"files": {"c": {"size": 9, "mode": "0600"}, "d/": {}}}],
        "stdout": ["a/b.txt\n", ""], "order": "any"}


def test_a_good_one_has_no_mistakes():
    assert mistakes(GOOD) == []
    assert Argument.model_validate(GOOD).trees[0].files["a/b.txt"].text == "x"


@pytest.mark.parametrize(("change", "told"), [
    ({"trees": []}, "trees: List should have at least 1 item"),
    ({"stdout": ["a"]}, "stdout has 1 entries for 2 trees"),
    ({"stdout": None}, "doing nothing would be right"),
    ({"stdout": ["", "\n"]}, "doing nothing would be right"),
    ({"stdout": None, "state": [{"a/b.txt": "x"}, {"e": None}]}, "doing nothing would be right"),
    ({"order": "some"}, "order: Input should be 'exact' or 'any'"),
    ({"sorted": True}, "sorted: Extra inputs are not permitted"),
    ({"timeout_s": 1000}, "timeout_s: Input should be less than or equal to 30"),
])
def test_a_mistake_is_told(change, told):
    assert told in "\n".join(mistakes(GOOD | change))


@pytest.mark.parametrize(("files", "told"), [
    ({"../a": ""}, "a path lies below the folder"),
    ({"/etc/passwd": ""}, "a path lies below the folder"),
    ({"a/./b": ""}, "a path lies below the folder"),
    ({"": ""}, "a path lies below the folder"),
    ({"a": {"link": "/tmp"}, "a/b": ""}, "a/b lies below a, which is no folder"),
    ({"a": "", "a/": {}}, "a is both a folder and none"),
    ({"a/": "text"}, "a/ is a folder, which has neither text"),
    ({"a": {"text": "x", "size": 3}}, "text, size and link exclude each other"),
    ({"a": {"age_s": 3, "mtime": "2024-01-01"}}, "mtime and age_s exclude each other"),
    ({"a": {"mode": "rw"}}, "String should match pattern"),
    ({"a": {"size": 2**40}}, "less than or equal to"),
])
def test_a_tree_that_cannot_be_planted_is_told(files, told):
    assert told in "\n".join(mistakes(GOOD | {"trees": [{"files": files}], "stdout": ["x"]}))


@pytest.mark.parametrize("junk", [None, 3, "ls", [], {}, {"trees": 3}, {"trees": [3], "stdout": [3]}])
def test_junk_is_told(junk):
    assert mistakes(junk) != []
