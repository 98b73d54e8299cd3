"""Reads spoken times and durations back, in another way than they were written."""
import re

WORDS = {word: n for n, word in enumerate((
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt"))}
WORDS |= {"une": 1, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
QUARTERS = {"quart": 15, "le quart": 15, "demie": 30, "demi": 30, "d'mie": 30}
PERIODS = {"matin": ("du matin", "le matin", "du mat", "am"),
           "noon": ("de l'après-midi", "de l'aprem", "en après-midi", "du soir", "le soir", "pm")}


def number(text: str) -> int:
    """«vingt et une», «soixante-douze», «37»."""
    if text.isdigit():
        return int(text)
    if text in WORDS:
        return WORDS[text]
    tens, _, unit = text.replace(" et ", "-").partition("-")
    return WORDS[tens] + number(unit)


def past(text: str) -> int:
    """Minutes after the hour; before it where «moins» says so."""
    if text.startswith("moins "):
        return -past(text.removeprefix("moins "))
    text = text.removeprefix("et ")
    return 0 if text in ("", "pile", "tapant") else QUARTERS[text] if text in QUARTERS else number(text)


def time(text: str, hours: str, period: str = "") -> str:
    """HH:MM of what is said, by the rules of the contract."""
    text = text.lower()
    said = next((name for name, ways in PERIODS.items() for way in ways if text.endswith(f" {way}")), "")
    if said:
        text = re.sub(rf" ({'|'.join(PERIODS[said])})$", "", text)
    total = _noon(text)
    if total is None:
        hour, minutes = _hour(text)
        early = hour < {"morning": 1, "day": 7, "evening": 12}[hours] and not text.startswith("0")
        after_noon = said == "noon" or period in ("après-midi", "soir") or (early and not said and not period)
        total = (hour + 12 if after_noon and hour < 12 else hour) * 60 + minutes
    return f"{total // 60 % 24:02}:{total % 60:02}"


def _noon(text: str) -> int | None:
    for name, hour in (("midi", 12), ("minuit", 0)):
        if text.startswith(name):
            return hour * 60 + past(text.removeprefix(name).strip())
    return None


def _hour(text: str) -> tuple[int, int]:
    if found := re.fullmatch(r"(\d+) ?[h:] ?(\d\d)", text):
        return int(found[1]), int(found[2])
    hour, after = re.fullmatch(r"(.+?) ?(?:heures?|h)\b ?(.*)", text).groups()
    return number(hour), past(after)


def duration(text: str) -> int:
    """Minutes."""
    if "quart" in text and "d'heure" in text:
        return 15 * number(text.split()[0])
    text = re.sub(r"^un (p'tit|gros) ", "", text)
    if re.match(r"une (p'tite )?demi", text):
        return 30
    if found := re.fullmatch(r"(.+) (?:minutes?|min)", text):
        return number(found[1])
    hour, minutes = _hour(text)
    return 60 * hour + minutes
