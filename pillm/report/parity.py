"""Whether the file tokenizes and computes as the trained model did."""
from collections.abc import Iterator
from typing import Any

from pillm.report.material import Material
from pillm.report.words import percent, plain

Json = dict[str, Any]
Rows = Iterator[tuple[str, str]]


def parity(material: Material) -> Json | None:
    """What was compared, as rows of (what, outcome), and the first place that differs."""
    found = material.parity
    if not found:
        return None
    difference = found["first_difference"]
    where = f"{difference['part']} of {difference['chat']}, token {difference['position']}" if difference else ""
    return {"rows": list(_rows(found)), "sides": list(_sides(difference or {})), "where": where}


def _rows(found: Json) -> Rows:
    yield "Chats", f"{found['chats']}, on {found['file']}"
    for who, sequences in found["sequences"].items():
        yield f"Tokens of {who}", f"{sequences:,} sequences held against training's"
    if refused := found["chats_that_the_template_refuses"]:
        yield "Refused by the template", ", ".join(refused)
    yield "File's metadata", "; ".join(found["metadata"]) or "as trained"
    if modelfile := found["modelfile"]:
        yield "Modelfile", f"{'; '.join(modelfile['problems']) or 'as trained'} (prompts by {modelfile['prompts_by']})"
    logits = found["logits"]
    yield "Logits", (f"off by {plain(logits['max_difference'], 2)} at most over {logits['positions']:,} positions; "
                     f"KL {plain(logits['kl_mean'], 2)}; the same first choice in {percent(logits['same_top'])}")


def _sides(difference: Json) -> Iterator[tuple[str, Json]]:
    """(who, its token and what stands around it)."""
    return ((who, side) for who, side in difference.items() if isinstance(side, dict))
