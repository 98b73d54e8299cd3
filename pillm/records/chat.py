"""A record as a conversation."""
from pillm.records.formats import Record

Turn = tuple[str, str]
"""(role, text)."""

SAID = frozenset({"user", "system_hint", "assistant", "messages"})
"""The fields that a chat's messages are made of."""


def turns(record: Record) -> list[Turn]:
    """The conversation; it ends with the assistant's answer where there is one."""
    hint = [("system", record["system_hint"])] if record.get("system_hint") else []
    if "messages" in record:
        return hint + [(message["role"], message["content"]) for message in record["messages"]]
    if "user" in record:
        answer = [("assistant", record["assistant"])] if record.get("assistant") else []
        return [*hint, ("user", record["user"]), *answer]
    return [*hint, ("user", record["question"]), ("assistant", record["final_answer"])]


def answered(told: list[Turn]) -> bool:
    return told[-1][0] == "assistant"


def thought_stream(record: Record) -> str:
    """What the agents of a pushback record said, in order."""
    return "\n\n".join(said if isinstance(said, str) else said["response"] for said in record["agent_responses"])


def chat(record: Record, told: list[Turn]) -> Record:
    """A line of a chats file: the messages, then the record's other fields. A pushback answer brings its thoughts."""
    messages = [{"role": role, "content": text} for role, text in told]
    if "agent_responses" in record:
        messages[-1]["thought_stream"] = thought_stream(record)
    return {"messages": messages} | {key: value for key, value in record.items() if key not in SAID}
