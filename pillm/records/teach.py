"""A teacher is asked for the answers that records lack, and once more where JSON was not what was wanted."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pillm.backends.teaching import Keep, Refuse, Request
from pillm.records.answer import Judged, again, judge, prompt
from pillm.records.chat import answered, turns
from pillm.records.formats import Record
from pillm.records.read import line
from pillm.records.replies import Replies, Reply

Teacher = Callable[[Sequence[Request], Replies, Keep, Refuse], None]
"""Sees to it that every request has a reply, or is refused; what is among the replies is not asked."""

NO_ANSWER, NO_REPLY = "no answer", "no reply from the teacher"
AGAIN = "/again"


@dataclass(frozen=True)
class Lesson:
    """What came of asking."""

    replies: Replies
    refused: dict[str, str]
    asked: int
    asked_again: int

    def answer(self, record: Record) -> Judged:
        """The teacher's last word on a record, or why there is none."""
        last = self.last(record)
        return judge(record, *last) if last else Judged(reason=NO_REPLY, told=self.refused[key(record)])

    def last(self, record: Record) -> Reply | None:
        """What it said last, as it said it."""
        name = key(record)
        return next((self.replies[one] for one in (name + AGAIN, name) if one in self.replies), None)


def no_answer(record: Record) -> Judged:
    """Where there is no teacher."""
    return Judged(reason=NO_ANSWER, told="the gold teacher gives none")


def teach(records: Iterable[Record], replies: Replies, teacher: Teacher, progress: Callable[..., None]) -> Lesson:
    """Have every record without an answer answered."""
    wanted = {key(record): record for record in records if not answered(turns(record))}
    refused: dict[str, str] = {}

    done = sum(name in replies for name in wanted)

    def keep(name: str, text: str, cut: bool) -> None:
        nonlocal done
        replies.keep(name, text, cut)
        done += not name.endswith(AGAIN)
        progress("answers", done, len(wanted))

    teacher([(name, prompt(record)) for name, record in wanted.items()], replies, keep, refused.__setitem__)
    repeated = list(_repeated(wanted, replies))
    teacher(repeated, replies, keep, refused.__setitem__)
    return Lesson(replies, refused, len(wanted), len(repeated))


def key(record: Record) -> str:
    """The same for the same record, wherever it stands."""
    return sha256(line(record)).hexdigest()[:24]


def _repeated(wanted: dict[str, Record], replies: Replies) -> Iterable[Request]:
    for name, record in wanted.items():
        if name in replies and (judged := judge(record, *replies[name])).ask_again:
            yield name + AGAIN, again(prompt(record), replies[name].text, judged)
