"""Records thought about by a chain of agents: in each round a teacher is asked for the next voice of all of them."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pillm.records.agents import Chain, Style
from pillm.records.answer import judge
from pillm.records.chat import answered, turns
from pillm.records.formats import Record
from pillm.records.replies import Replies
from pillm.records.teach import NO_REPLY, Teacher, key
from pillm.records.text import collapsed

MARKED, REPEATED = "marks in a thought", "an agent repeats another"
MARKS = ("<think>", "</think>", "<|im_start|>", "<|im_end|>")
"""A teacher that writes these would end a thought, or a turn, where it does not end."""


@dataclass
class Thread:
    """A record with what was said about it so far, or why nothing more will be."""

    record: Record
    name: str
    style: Style
    said: list[str] = field(default_factory=list)
    reason: str = ""
    told: str = ""

    def take(self, reply: str, cut: bool) -> None:
        """The next reply; one that cannot be used ends the thread."""
        judged = judge({"user": self.record.get("user") or turns(self.record)[-1][1]}, reply, cut)
        text = judged.answer
        if judged.reason:
            self.reason, self.told = judged.reason, judged.told
        elif found := [mark for mark in MARKS if mark in text]:
            self.reason, self.told = MARKED, f"{found[0]} stands in it"
        elif collapsed(text) in map(collapsed, self.said):
            self.reason, self.told = REPEATED, f"reply {len(self.said) + 1} is one of those before"
        else:
            self.said.append(text)


def wants_thoughts(record: Record) -> bool:
    """A record that has no answer yet; one that has is left as it is."""
    return not answered(turns(record))


def deliberate(records: Iterable[Record], chain: Chain, seed: int, replies: Replies, teacher: Teacher,
               progress: Callable[..., None]) -> dict[str, Thread]:
    """Threads by the records' keys, each asked for round by round: an agent sees what those before it thought."""
    threads = {}
    for record in records:
        name = key(record)
        threads[name] = Thread(record, name, chain.style(record, name, seed))
    for number in range(chain.rounds):
        _round(number, [thread for thread in threads.values() if not thread.reason], chain, replies, teacher)
        progress("rounds", number + 1, chain.rounds, threads=sum(not thread.reason for thread in threads.values()))
    return threads


def _round(number: int, threads: list[Thread], chain: Chain, replies: Replies, teacher: Teacher) -> None:
    """One more voice for each; a reply that is there from before is not asked for again."""
    refused: dict[str, str] = {}
    names = {f"{thread.name}/{number}": thread for thread in threads}
    teacher([(name, chain.asked(thread.record, thread.style, thread.said)) for name, thread in names.items()],
            replies, replies.keep, refused.__setitem__)
    for name, thread in names.items():
        if name in replies:
            thread.take(*replies[name])
        else:
            thread.reason, thread.told = NO_REPLY, refused[name]
