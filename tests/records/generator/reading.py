"""Reads spoken times and durations back, in another way than they were written."""
import re

WORDS = {word: n for n, word in enumerate((
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt"))}
WORDS |= {"une": 1, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
QUARTERS = {"quart": 15, "le quart": 15, "demie": 30, "demi": 30, "d'mie": 30}
PERIODS = {"matin": ("du matin", "le matin", "au matin", "du mat", "am", "de la nuit", "dans la nuit"),
           "noon": ("de l'après-midi", "de l'aprem", "en après-midi", "du soir", "le soir", "pm")}
ON_THE_HOUR = ("", "pile", "tapant", "sharp")
COLLECTIVES = {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
               "cinquantaine": 50}
HOURS_AND_PARTS = {"1/2 heure": 30, "1/4 d'heure": 15, "3/4 d'heure": 45}


def number(text: str) -> int:
    """«vingt et une», «soixante-douze», «37»."""
    if text.isdigit():
        return int(text)
    if text in WORDS:
        return WORDS[text]
    if text.startswith("cent"):
        return 100 + (number(text.removeprefix("cent ")) if text != "cent" else 0)
    if text.startswith("quatre-vingt"):
        return 80 + (number(text.removeprefix("quatre-vingt-")) if text != "quatre-vingts" else 0)
    tens, _, unit = text.replace(" et ", "-").partition("-")
    return WORDS[tens] + number(unit)


def past(text: str) -> int:
    """Minutes after the hour; before it where «moins» says so."""
    if text.startswith("moins "):
        return -past(text.removeprefix("moins "))
    text = text.removeprefix("et ").removeprefix("zéro ")
    return 0 if text in ON_THE_HOUR else QUARTERS[text] if text in QUARTERS else number(text)


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
    found = re.fullmatch(r"(.+?) ?(?:heures?|h)\b ?(.*)", text) or re.fullmatch(r"(\S+) ((?:et|moins) .+)", text)
    return number(found[1]), past(found[2])


def duration(text: str) -> int:
    """Minutes."""
    text = re.sub(r"\b(p'tite?|petite?|gros|grosse|bon|bonne|longue)s? | de temps$", "", text)
    text = re.sub(r"^un (?!quart)", "", text)
    if text in HOURS_AND_PARTS:
        return HOURS_AND_PARTS[text]
    if found := re.fullmatch(r"une (\w+aine) de minutes", text):
        return COLLECTIVES[found[1]]
    if found := re.fullmatch(r"(.+) (?:secondes|sec)", text):
        return number(found[1]) // 60
    return _quarters_and_halves(text) or _hours_and_minutes(text)


def _quarters_and_halves(text: str) -> int:
    if found := re.fullmatch(r"(\S+) quarts? d'heure", text):
        return 15 * number(found[1])
    return 30 if text.startswith("une demi") else 0


def _hours_and_minutes(text: str) -> int:
    if found := re.fullmatch(r"(\d+) ?h ?(\d\d)(?: ?min)?", text):
        return 60 * int(found[1]) + int(found[2])
    if not re.search(r"heure|\dh| h\b", text):
        return number(re.fullmatch(r"(.+?) ?(?:minutes?|mins?|mn)", text)[1])
    hour, after = re.fullmatch(r"(.+?) ?(?:heures?|h)\b ?(?:et )?(.*?)(?: minutes)?", text).groups()
    return 60 * number(hour) + (45 if after in ("trois quarts", "3 quarts") else past(after))
