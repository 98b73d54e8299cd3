"""What comes first: may it be shipped, and the few figures that say why."""
from typing import Any

from pillm.backends.llama_cpp.ladder import unquantized
from pillm.report.material import Material
from pillm.report.predicted import prediction
from pillm.report.words import plain
from pillm.words import size

Json = dict[str, Any]

WORDS = {True: "met", False: "not met", None: "not judged"}
TONES = {True: "good", False: "bad", None: "open"}


def verdict(material: Material) -> Json:
    """tone (good, bad, open), title, told, and the gates, failed ones first."""
    gates = [{**gate, "word": WORDS[gate["met"]], "tone": TONES[gate["met"]]} for gate in material.run["gates"]]
    gates.sort(key=lambda gate: (gate["met"] is not False, gate["met"] is True))
    failed, met = (sum(gate["met"] is value for gate in gates) for value in (False, True))
    unjudged = len(gates) - failed - met
    tone, title = _headline(failed, unjudged, met, enforced=material.run["enforced"], examined=bool(material.scored))
    return {"tone": tone, "title": title, "told": _told(failed, unjudged, met), "gates": gates}


def _headline(failed: int, unjudged: int, met: int, *, enforced: bool, examined: bool) -> tuple[str, str]:
    if failed:
        return "bad", "Not ready"
    if not enforced:
        return "open", "Trial run: quality and speed are not judged"
    if unjudged:
        return "open", "Undecided"
    if not met:
        return "open", "No gates were set"
    return ("good", "Ready") if examined else ("open", "As it was trained; how well it answers was not examined")


def _told(failed: int, unjudged: int, met: int) -> str:
    """`5 gates are met, 2 are not judged.`"""
    counts = [(failed, "not met"), (met, "met"), (unjudged, "not judged")]
    told = [f"{number} {'gate is' if number == 1 else 'gates are'} {word}" for number, word in counts if number]
    return f"{', '.join(told)}." if told else ""


def tiles(material: Material) -> list[Json]:
    """label, value and note of the figures that matter most, as far as they are known."""
    return [tile for tile in (_score(material), _size(material), _divergence(material), _speed(material)) if tile]


def _score(material: Material) -> Json | None:
    if not material.scored:
        return None
    found = material.scored.marks["types"][material.judged]["score"]
    base = _base_score(material)
    sure = f"95 % interval {100 * found['low']:.0f} to {100 * found['high']:.0f} %"
    note = f"{material.scored.marks['questions']} questions, {sure}" + (f"; the base {base}" if base else "")
    return {"label": "Score", "value": f"{100 * found['value']:.0f} %", "note": note}


def _base_score(material: Material) -> str:
    if not material.base:
        return ""
    best = max(marks["score"]["value"] for marks in material.base.marks["types"].values())
    return f"{100 * best:.0f} %"


def _size(material: Material) -> Json | None:
    if not material.shipped:
        return None
    largest = next(iter(material.sizes))
    note = f"{material.shipped}; {largest} is {size(material.sizes[largest])}"
    return {"label": "File", "value": size(material.sizes[material.shipped]), "note": note}


def _divergence(material: Material) -> Json | None:
    found = material.divergence.get(material.shipped)
    if not found:
        return None
    return {"label": "Lost by quantizing", "value": f"KL {plain(found['kl_mean'], 2)}",
            "note": f"from {unquantized(material.divergence) or 'f16'}, in nats a token; the same first choice in "
                    f"{100 * found['same_top']:.1f} % of places"}


def _speed(material: Material) -> Json | None:
    """Measured here, and predicted for the device."""
    device, expected = material.recipe["device"]["name"], prediction(material, material.shipped)
    measured = material.bench.get("types", {}).get(material.shipped)
    told = f"at most {plain(expected.tokens_per_s)} on a {device}" if expected else ""
    if measured:
        speed = measured["decode_tokens_per_s"]
        span = f"95 % interval {plain(speed['low'])} to {plain(speed['high'])}"
        return {"label": "Tokens/s here", "value": plain(speed["value"]), "note": "; ".join(filter(None, [span, told]))}
    if expected:
        value = f"≤ {plain(expected.tokens_per_s)}"
        return {"label": f"Tokens/s on a {device}", "value": value, "note": "predicted"}
    return None
