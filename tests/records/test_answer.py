import pytest

from pillm.records.answer import AGAIN, CUT, EMPTY, JSON_ONLY, NOT_JSON, NOT_SCHEMA, NOT_TEXT, again, judge, prompt

TEXT = {"user": "Où est-ce que je peux manger une poutine?", "system_hint": "Sois bref."}
CALL = {"user": "Note qu'il faut du lait", "requires_json": True, "tool_schema": "tool_calls"}
MILK = '[{"tool":"note","text":"du lait"}]'


def test_a_prompt_is_hint_and_question():
    assert prompt(TEXT) == [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": TEXT["user"]}]


def test_a_prompt_for_json_says_so_with_the_schema():
    asked = prompt({"messages": [{"role": "user", "content": "Compte."}], "requires_json": True,
                    "tool_schema": {"type": "integer"}})
    assert [message["role"] for message in asked] == ["user"]
    assert asked[0]["content"] == ("Compte.\n\n" + JSON_ONLY +
                                   '\n\nIt must satisfy this JSON Schema:\n{"type": "integer"}')
    assert prompt({"user": "Compte.", "requires_json": True})[0]["content"] == f"Compte.\n\n{JSON_ONLY}"


@pytest.mark.parametrize(("reply", "answer"), [
    ("Chez Ti-Guy.", "Chez Ti-Guy."),
    ("  Chez Ti-Guy.\n", "Chez Ti-Guy."),
    ("<think>\nHmm, poutine…\n</think>\n\nChez Ti-Guy.", "Chez Ti-Guy."),
    (f"{TEXT['user']}\n\nChez Ti-Guy.", "Chez Ti-Guy."),
    (f"Sois bref.\n\n{TEXT['user']}\n\nassistant: Chez Ti-Guy.", "Chez Ti-Guy."),
    ("```\nChez Ti-Guy.\n```", "Chez Ti-Guy."),
    ("```python\nprint('Ti-Guy')\n```", "```python\nprint('Ti-Guy')\n```"),
    ("Essaie ```ls``` ou\n```\nTi-Guy\n```\npis c'est tout.", "Essaie ```ls``` ou\n```\nTi-Guy\n```\npis c'est tout."),
    ("De\u0301pa\u0302nneur.", "Dépânneur."),
], ids=["plain", "spaces", "thoughts", "echo", "echo of all", "fence", "code", "fences inside", "decomposed"])
def test_of_a_reply_only_the_answer_is_kept(reply, answer):
    assert judge(TEXT, reply, cut=False).answer == answer


def test_an_answer_that_begins_like_a_short_question_is_no_echo():
    assert judge({"user": "Bonjour"}, "Bonjour\nComment ça va?", cut=False).answer == "Bonjour\nComment ça va?"


@pytest.mark.parametrize("reply", [
    MILK, f"\n{MILK}\n", f"```json\n{MILK}\n```", f"Voilà :\n```\n{MILK}\n```\nBonne journée!",
    f"<think>[1, 2]</think>{MILK}", '[ {"tool": "note",\n "text": "du lait"} ]',
])
def test_json_is_taken_out_and_written_without_spaces(reply):
    assert judge(CALL, reply, cut=False).answer == MILK


@pytest.mark.parametrize(("record", "reply", "cut", "reason", "told"), [
    (TEXT, "Chez Ti-", True, CUT, "raise max_tokens"),
    (TEXT, " \n", False, EMPTY, "white space"),
    (TEXT, "<think>…</think>", False, EMPTY, "white space"),
    (TEXT, "a\ud83d", False, NOT_TEXT, "surrogate"),
    (CALL, "C'est noté!", False, NOT_JSON, "Expecting value"),
    (CALL, MILK[:-1], True, NOT_JSON, "Expecting ',' delimiter"),
    (CALL, MILK + MILK, False, NOT_JSON, "Extra data"),
    (CALL, '[{"tool":"note"}]', False, NOT_SCHEMA, "[0]: 'text' is a required property"),
])
def test_a_reply_that_is_no_answer_is_told_why(record, reply, cut, reason, told):
    judged = judge(record, reply, cut)
    assert (judged.answer, judged.reason, told in judged.told) == ("", reason, True)
    assert judged.ask_again == (reason in (NOT_JSON, NOT_SCHEMA))


def test_the_second_question_says_what_was_wrong_with_the_answer():
    judged = judge(CALL, '[{"tool":"note"}]', cut=False)
    asked = again(prompt(CALL), '[{"tool":"note"}]', judged)
    assert asked[-2] == {"role": "assistant", "content": '[{"tool":"note"}]'}
    assert asked[-1]["content"] == AGAIN.format(reason=NOT_SCHEMA, told="[0]: 'text' is a required property")
