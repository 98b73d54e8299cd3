"""How a chat template writes a chat: the fixed texts around its messages, and what it does to their contents."""
from dataclasses import dataclass, replace
from typing import Literal

Trim = Literal["keep", "strip", "rstrip", "lstrip", "answer", "answer_lines"]
"""As it is; without white space at both ends, the right, the left; what follows the last `</think>`; that, without
the newlines before it."""
TRIMS: tuple[Trim, ...] = ("keep", "strip", "rstrip", "lstrip", "answer", "answer_lines")


@dataclass(frozen=True)
class System:
    """Where a system message goes."""

    before: str
    """From the start of the chat to the system message, where it stands before the first user message."""
    between: str
    """From the system message to the user message it stands before."""
    late: str | None = None
    """Not null: the system message goes before the last user message, after this text if that is not the first."""
    whole: bool = False
    """What is trimmed is system and user message as one."""
    trim: Trim = "keep"
    empty_is_none: bool = False
    """A system message that is empty counts as none."""


@dataclass(frozen=True)
class Greeting:
    """What stands before an assistant's message that comes first."""

    opening: str
    after_system: str | None
    """From the system message to it; null where the two do not stand in this order: such a chat is refused."""


@dataclass(frozen=True)
class Form:
    """The texts that a chat template puts around contents. What is null is refused."""

    opening: str
    """Before the first user message of a chat without system message: BOS, a default system prompt, the role."""
    user: str
    """Before a later user message."""
    user_end: str
    assistant: str
    """Before an answer that is part of the history."""
    assistant_end: str
    generation: str
    """After the last user message: what the model goes on from."""
    system: System | None = None
    drops_system: bool = False
    """A system message at the start is not written at all."""
    greeting: Greeting | None = None
    """Null: an answer before the first question is refused, and ours leaves it out."""
    later_system: tuple[str, str] | None = None
    """Before and after a system message that comes after a user's."""
    thought: tuple[str, str] | None = None
    """Around the thoughts of an answer that ends the chat, after `assistant`; null where the template writes none."""
    user_trim: Trim = "keep"
    assistant_trim: Trim = "keep"

    def without(self, bos: str) -> "Form":
        """The same without the BOS at the start, for a tokenizer that puts it there."""
        system, greeting = self.system, self.greeting
        return replace(
            self, opening=self.opening.removeprefix(bos),
            system=system and replace(system, before=system.before.removeprefix(bos)),
            greeting=greeting and replace(greeting, opening=greeting.opening.removeprefix(bos)))
