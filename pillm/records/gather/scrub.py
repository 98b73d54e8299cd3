"""Secrets and personal data out of what is gathered, before anything is written or asked.

They are found by records.private. What has a form of its own that is nobody's (user@example.com, $PASSWORD) is put in
its place, so that the text still reads; where there is none, the passage is set aside.
"""
import re
from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from pillm.records import private

STAND_INS = {"e-mail address": "user@example.com", "phone number": "555-0100", "access token": "$TOKEN",
             "password": "$PASSWORD", "password in an address": "$PASSWORD"}
"""Of a password only its value is replaced."""
CREDENTIAL = "a credential on the command line"
UNTOLD = "what follows it is a password or token; it is not repeated here"
CREDENTIALS = re.compile(
    r"""(?:^|\s)(?:
        [A-Za-z_]*(?:TOKEN|SECRET|PASSW(?:OR)?D|PASSPHRASE|PWD|API_?KEY|ACCESS_?KEY)[A-Za-z_]*=(?!["']?[$<]|\s)\S+
      | --?(?:password|passwd|passphrase|token|secret|api-key|pass)(?:[= ]+)(?![$<@-])\S+
      | (?:-u|--user)[= ]?\S+:(?!\$)\S+
      | sshpass\s+-p
      | (?:mysql|mysqldump|mysqladmin|mariadb)\b.*\s-p(?!\$)\S+
    ) | (?:Authorization|X-Api-Key)["']?:\s*(?:Bearer|Basic|Token)?\s*(?!\$)\S{6,}
      | \b(?:echo|printf)\b.+\|\s*(?:sudo\s+-S|passwd|chpasswd)""",
    re.VERBOSE | re.IGNORECASE)
"""What is typed behind a prompt and nowhere else: no detector of texts looks for `-u me:word`."""
HOME = re.compile(r"/(?:home|Users)/[^/\s:'\"]+")
"""The folder of a person, by its name."""


class Scrubbed(NamedTuple):
    """A value without what was found in it."""

    value: Any
    masked: Counter[str]
    """What was replaced, by kind."""
    reason: str = ""
    """Why it is to be set aside: of this kind nothing can stand in."""


def scrubbed(value: Any, kinds: Collection[private.Kind]) -> Scrubbed:
    """Texts, and lists and objects of them."""
    found = list(private.found(value, kinds))
    replaced = private.replaced(value, {_secret(match): STAND_INS[kind.name] for kind, match in found
                                        if kind.name in STAND_INS})
    left = list(private.found(replaced, kinds)) if found else []
    if left:
        return Scrubbed(private.masked(replaced, left), Counter(), left[0][0].name)
    return Scrubbed(replaced, Counter(kind.name for kind, _ in found))


def _secret(match: re.Match[str]) -> str:
    return match["value"] if "value" in match.re.groupindex else match[0]


def typed(command: str) -> tuple[str, str]:
    """A command without the name of a person's folder; and why it is set aside, where it carries a credential."""
    return HOME.sub("~", command), CREDENTIAL if CREDENTIALS.search(command) else ""
