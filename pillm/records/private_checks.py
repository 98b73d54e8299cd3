"""Whether what looks like a number, address or password of a person can be one."""
import math
import re
from collections import Counter

RESERVED = re.compile(r"(?i)(?:^|\.)(?:example(?:\.(?:com|net|org|edu))?|exemple\.(?:com|fr|ca|qc\.ca)|test|invalid|"
                      r"localhost|local|lan|internal|localdomain|arpa)$")
"""RFC 2606 and 6761, and what local networks use."""
NO_DOMAINS = frozenset([
    "service", "socket", "target", "timer", "slice", "scope", "mount", "device", "swap", "path", "png", "jpg", "jpeg",
    "gif", "svg", "webp", "pdf", "tgz", "gz", "zip", "xz", "js", "css", "py", "sh", "md", "html", "txt", "json", "yaml",
    "yml", "conf", "log"])
"""Ends of unit and file names: getty@tty1.service, icon@2x.png."""
NOBODY = frozenset({"git", "noreply", "no-reply", "user", "you", "me", "toi", "moi", "vous"})
PLACEHOLDER = re.compile(r"(?i)example|exemple|placeholder|change.?me|redacted|dummy|your|xxx|\*\*\*|\.\.\.|1234|"
                         r"password|passwd|passphrase|secret|mot.?de.?passe|hunter2|^[$%{<(\[]|^[a-z]+(?:_[a-z]+)*$|^[/~.]")
BITS = 2.75
"""Per character, in a password (Shannon); words of one case are caught by PLACEHOLDER, other prose has less."""
FREE_CODES = frozenset({"800", "833", "844", "855", "866", "877", "888", "900"})
FICTION = "555"
"""The exchange of North American numbers in films; 555-0100 to 555-0199 are reserved for them."""
IBAN_LENGTHS = range(15, 35)


def distinctive(found: re.Match[str]) -> bool:
    """A token, not the example of a manual: as mixed as what is drawn at random."""
    return not re.search(r"(?i)example|x{6}|0{8}|1234567", found[0]) and _bits(found[0]) >= 3


def secret(found: re.Match[str]) -> bool:
    """A password, not what stands for one: `$PASSWORD`, `<password>`, `changeme`."""
    value = found["value"]
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return mixed and not PLACEHOLDER.search(value) and _bits(value) >= BITS


def _bits(text: str) -> float:
    """Shannon entropy per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, nines cast out; the sum ends in 0."""
    doubled = [int(digit) * 2 if n % 2 else int(digit) for n, digit in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def card(found: re.Match[str]) -> bool:
    digits = _digits(found[0])
    return 13 <= len(digits) <= 19 and len(set(digits)) > 2 and luhn(digits)


def iban(found: re.Match[str]) -> bool:
    """ISO 13616: country and check digits behind, letters as numbers from 10; the remainder by 97 is 1."""
    text = found[0].replace(" ", "")
    return len(text) in IBAN_LENGTHS and int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def insurance(found: re.Match[str]) -> bool:
    digits = _digits(found[0])
    if len(digits) == 15:  # INSEE: the key is 97 less the remainder of the rest
        return 1 <= int(digits[3:5]) <= 12 and 97 - int(digits[:13]) % 97 == int(digits[13:])
    if found[0][6] == "-":  # SSA: none begins with 000, 666 or 9
        return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"
    return digits[0] not in "08" and luhn(digits)


def personal_mail(found: re.Match[str]) -> bool:
    domain = found["domain"]
    return (not RESERVED.search(domain) and domain.rpartition(".")[2].lower() not in NO_DOMAINS
            and found["local"].lower() not in NOBODY)


def phone(found: re.Match[str]) -> bool:
    digits = _digits(found[0])
    if found["america"] or (digits[0] == "1" and found[0].startswith("+")):
        area, exchange = digits[-10:-7], digits[-7:-4]
        return len(digits) in (10, 11) and area not in FREE_CODES and FICTION not in (area, exchange)
    return bool(found["france"]) or 10 <= len(digits) <= 15


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
