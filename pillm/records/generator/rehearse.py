"""Every phrasing said aloud before requests are made of them."""
from collections.abc import Callable
from random import Random

from pillm.errors import DataError
from pillm.records.generator.compose import asked, voice
from pillm.records.generator.noise import write_cleanly
from pillm.records.generator.phrase import Phrase, written
from pillm.records.generator.rules import Rules, Tool
from pillm.records.generator.speak import Call, Draft, Voice, say

SAID = 2_500
"""Times that a tool's phrasings are said in all, each at least once: of many the fragments come often enough."""
INVENTED = 0.5
"""Share of fillers that are made up."""


def rehearse(rules: Rules, answer: Callable[[str, list[Call]], object]) -> None:
    """Raises DataError with file and phrasing where words are missing or `answer` refuses the calls."""
    speaker = voice(rules, Random(0), INVENTED, None)
    for tool in rules.tools.values():
        phrasings = [*tool.phrasings.phrases, *tool.held_out.phrases]
        for _ in range(max(1, SAID // len(phrasings))):
            for phrase in phrasings:
                _try(phrase, tool, rules, speaker, answer)


def _try(phrase: Phrase, tool: Tool, rules: Rules, speaker: Voice,
         answer: Callable[[str, list[Call]], object]) -> None:
    draft = Draft(tool, [], [{"tool": tool.name}])
    try:
        say(phrase, draft, speaker)
        write_cleanly(draft.pieces, rules.noise)
        made = asked(draft)
        answer(made.request, made.calls)
    except DataError as error:
        raise DataError(f"{error} In {tool.name}.yaml's phrasing {written(phrase)!r}.") from None
