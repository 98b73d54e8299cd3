import pytest

from pillm.records.formats import ours

ASKED, SAID = {"role": "user", "content": "Ça va?"}, {"role": "assistant", "content": "Ben oui."}


@pytest.mark.parametrize(("theirs", "expected"), [
    ({"messages": [{"role": "developer", "content": "Sois bref."}, ASKED, SAID]},
     {"messages": [{"role": "system", "content": "Sois bref."}, ASKED, SAID]}),
    ({"messages": [{"role": "user", "content": [{"type": "text", "text": "Ça "}, {"type": "text", "text": "va?"}]}]},
     {"messages": [ASKED]}),
    ({"id": "x1", "conversations": [{"from": "human", "value": "Ça va?"}, {"from": "gpt", "value": "Ben oui."}]},
     {"messages": [ASKED, SAID], "id": "x1"}),
    ({"conversations": [{"from": "human", "value": "Ça va?"}], "system": "Sois bref."},
     {"messages": [ASKED], "system_hint": "Sois bref."}),
    ({"instruction": "Traduis.", "input": "ça va", "output": "OK", "lang": "fr"},
     {"user": "Traduis.\n\nça va", "assistant": "OK", "lang": "fr"}),
    ({"instruction": "Traduis.", "input": "", "output": ""}, {"user": "Traduis."}),
    ({"instruction": "Et lui?", "output": "Aussi.", "history": [["Ça va?", "Ben oui."]], "system": "Sois bref."},
     {"messages": [ASKED, SAID, {"role": "user", "content": "Et lui?"}, {"role": "assistant", "content": "Aussi."}],
      "system_hint": "Sois bref."}),
    ({"user": "Ça va?", "assistant": None, "tags": None, "mine": None}, {"user": "Ça va?", "mine": None}),
    ({"user": "Ça va?", "instruction": "kept", "score": 3}, {"user": "Ça va?", "instruction": "kept", "score": 3}),
], ids=["OpenAI", "parts", "ShareGPT", "ShareGPT with system", "Alpaca", "Alpaca without input", "Alpaca with history",
        "empty columns", "a record of ours"])
def test_other_tools_records_become_ours(theirs, expected):
    assert ours(theirs) == expected


@pytest.mark.parametrize("theirs", [
    {"conversations": "hello"}, {"conversations": [3]},
    {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
    {"instruction": {"text": "x"}}, {"instruction": "x", "input": {"a": 1}}, {"instruction": "x", "history": [["a"]]},
    {"messages": None}, {},
])
def test_what_is_of_no_known_form_is_left_for_the_schema_to_refuse(theirs):
    from pillm.records.validate import judge

    wrong = judge()(ours(theirs))
    assert wrong and wrong[0] == "schema"
