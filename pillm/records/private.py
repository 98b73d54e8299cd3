"""Secrets and personal data in text, by their form and, where they have one, their check digits.

What is reserved for examples (example.com, 555 numbers) is nobody's. Names and addresses have no form to go by.
"""
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pillm.records.private_checks import card, distinctive, iban, insurance, personal_mail, phone, secret


class Kind(NamedTuple):
    """Text with one of its hints in lower case (without hints: seven digits) is searched, and what is found judged."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    confirmed: Callable[[re.Match[str]], bool] = lambda found: True


TOKENS = r"""(?<![\w-])(?:
    (?:AKIA|ASIA)[0-9A-Z]{16} | gh[pousr]_[A-Za-z0-9]{36,} | github_pat_\w{22,} | glpat-[\w-]{20,}
  | sk-[\w-]{20,} | [rs]k_live_[A-Za-z0-9]{20,} | xox[abeprs]-[\w-]{10,} | AIza[\w-]{35} | hf_[A-Za-z0-9]{30,}
  | npm_[A-Za-z0-9]{36} | pypi-AgE[\w-]{40,} | SG\.[\w-]{22}\.[\w-]{43} | eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}
)"""
"""AWS, GitHub, GitLab, OpenAI and Anthropic, Stripe, Slack, Google, Hugging Face, npm, PyPI, SendGrid, JSON Web Tokens:
prefixes as their makers document them, and as gitleaks (MIT) lists them in config/gitleaks.toml."""
NAMED = (r"""(?i)(?:password|passwd|passphrase|mot\ de\ passe|secret|api[_-]?key|access[_-]?key|auth[_-]?token)"""
         r"""["']?\s*[:=]\s*["']?(?P<value>[^\s"'<>,;]{8,})""")
MAIL = r"(?<![\w.+-])(?P<local>[\w.+-]{1,64})@(?P<domain>[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24})(?![\w-]|\.\w|:[~/\w])"
"""What goes on with `:/` is a place on a host."""
PHONE = r"""(?<![\w.,/+-])(?:
    (?P<america>(?:\+?1[ .-]?)?\(?[2-9]\d\d\)?[ .-]\s?[2-9]\d\d[ .-]?\d{4})
  | (?P<france>0[1-9](?:[ .-]\d\d){4})
  | \+(?P<world>[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,6})
)(?![\w/]|[.,-]\d)"""
INSURANCE = (r"(?<![\d-])(?:\d{3}-\d\d-\d{4}|\d{3}([ -])\d{3}\1\d{3}|"
             r"[12] ?\d\d ?\d\d ?\d\d ?\d{3} ?\d{3} ?\d\d)(?![\d-])")
"""Of the United States, Canada, France."""
SEVEN = re.compile(r"\d(?:[ ().+-]{0,2}\d){6}")
"""Without seven digits in a row there is no number of a person."""

KINDS = {kind.name: kind for kind in (
    Kind("private key", ("private key",), re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")),
    Kind("access token", (
        "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "k_live_", "xox",
        "aiza", "hf_", "npm_", "pypi-", "sg.", "eyj"), re.compile(TOKENS, re.VERBOSE), distinctive),
    Kind("password", ("passw", "passphrase", "mot de passe", "secret", "key", "token"), re.compile(NAMED), secret),
    Kind("password in an address", ("://",), re.compile(r"://[^\s/:@]+:(?P<value>[^\s/@]{4,})@"), secret),
    Kind("payment card", (), re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d{2,7}){2,4}(?![\w-]|\.\d)"), card),
    Kind("bank account", (), re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), iban),
    Kind("insurance number", (), re.compile(INSURANCE), insurance),
    Kind("e-mail address", ("@",), re.compile(MAIL), personal_mail),
    Kind("phone number", (), re.compile(PHONE, re.VERBOSE), phone),
)}


def found(record: Any, kinds: Collection[Kind]) -> Iterator[tuple[Kind, re.Match[str]]]:
    """What is in a record's texts, in all its fields."""
    text = "\n".join(texts(record))
    lower, digits = text.lower(), SEVEN.search(text)
    for kind in kinds:
        if any(hint in lower for hint in kind.hints) if kind.hints else digits:
            yield from ((kind, match) for match in kind.pattern.finditer(text) if kind.confirmed(match))


def texts(value: Any) -> Iterator[str]:
    """Every text of a value, those of inner lists and objects too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def masked(value: Any, matches: Iterable[tuple[Kind, re.Match[str]]]) -> Any:
    """A record without what was found in it: what is set aside must not carry a secret further."""
    return replaced(value, {match[0]: f"[{kind.name}]" for kind, match in matches})


def replaced(value: Any, stand_ins: Mapping[str, str]) -> Any:
    """A value with what stands in for each of these in its texts; the longer goes first where one holds another."""
    if not stand_ins:
        return value
    pattern = re.compile("|".join(map(re.escape, sorted(stand_ins, key=len, reverse=True))))

    def changed(inner: Any) -> Any:
        if isinstance(inner, str):
            return pattern.sub(lambda match: stand_ins[match[0]], inner)
        if isinstance(inner, dict):
            return {key: changed(each) for key, each in inner.items()}
        return [changed(each) for each in inner] if isinstance(inner, list) else inner

    return changed(value)
