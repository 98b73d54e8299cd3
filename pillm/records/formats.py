"""Records in the formats of other tools, as ours: OpenAI messages, ShareGPT, Alpaca."""
from typing import Any

Record = dict[str, Any]

FIELDS = frozenset({"user", "system_hint", "assistant", "requires_json", "tool_name", "tool_schema", "goal", "tags",
                    "lang", "source", "quote", "licence", "messages", "question", "agent_responses", "final_answer"})
"""What schemas/record.schema.json names; other fields are carried along."""

ROLES = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant", "model": "assistant",
         "developer": "system"}
SHAREGPT = {"from": "role", "value": "content"}
ALPACA = frozenset({"instruction", "input", "output", "system", "history"})


def ours(value: Record) -> Record:
    """The record; what is of no format known here comes back unchanged, for the schema to judge."""
    if "conversations" in value and "messages" not in value:
        value = _sharegpt(value)
    elif "instruction" in value and "user" not in value and "messages" not in value:
        value = _alpaca(value)
    if isinstance(value.get("messages"), list):
        value = value | {"messages": [_message(message) for message in value["messages"]]}
    if None in value.values():  # a column that is empty in this row
        return {key: inner for key, inner in value.items() if inner is not None or key not in FIELDS}
    return value


def _sharegpt(value: Record) -> Record:
    """Turns of `from` and `value`: https://github.com/lm-sys/FastChat/blob/main/docs/training.md."""
    turns = value["conversations"]
    if isinstance(turns, list):
        turns = [{SHAREGPT.get(key, key): inner for key, inner in turn.items()} if isinstance(turn, dict) else turn
                 for turn in turns]
    others = {key: inner for key, inner in value.items() if key not in ("conversations", "system")}
    return {"messages": turns} | _hint(value) | others


def _alpaca(value: Record) -> Record:
    """The input is what the instruction is about: https://github.com/tatsu-lab/stanford_alpaca#data-release."""
    history = value.get("history") or []
    if not isinstance(history, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in history):
        return value
    others = _hint(value) | {key: inner for key, inner in value.items() if key not in ALPACA}
    user = _question(value["instruction"], value.get("input"))
    answer = [value["output"]] if value.get("output") else []
    if not history:
        return {"user": user} | dict(zip(("assistant",), answer, strict=False)) | others
    texts = [*(text for pair in history for text in pair), user, *answer]
    return {"messages": [{"role": ("user", "assistant")[n % 2], "content": text}
                         for n, text in enumerate(texts)]} | others


def _hint(value: Record) -> Record:
    return {"system_hint": value["system"]} if value.get("system") else {}


def _question(instruction: Any, given: Any) -> Any:
    """What is no text stays visible, for the schema to refuse."""
    if not given:
        return instruction
    both = [instruction, given]
    return "\n\n".join(both) if all(isinstance(part, str) for part in both) else both


def _message(message: Any) -> Any:
    """Our names of the roles; a content in parts is joined where all of them are text."""
    if not isinstance(message, dict):
        return message
    role, content = message.get("role"), message.get("content")
    if isinstance(role, str) and role in ROLES:
        message = message | {"role": ROLES[role]}
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        message = message | {"content": "".join(str(part.get("text", "")) for part in content)}
    return message
