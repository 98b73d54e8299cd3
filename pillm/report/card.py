"""The model card: Markdown as the Hub reads it, to be copied beside the file."""
from typing import Any

from pillm.report.material import Material
from pillm.report.page import environment
from pillm.report.training import trained
from pillm.report.words import interval


def card(material: Material) -> str:
    """The text, from what the run knows."""
    model, domain = material.recipe["model"], material.recipe["domain"]
    scored: dict[str, Any] = material.scored.marks if material.scored else {"types": {}, "questions": 0}
    scores = [{"name": type_, "score": interval(marks["score"]), "sha256": marks["sha256"]}
              for type_, marks in scored["types"].items()]
    base = model.get("repo") if model["source"] == "hub" else None
    tags = ["gguf", "llama.cpp", model["family"], *([domain["form"]] if "form" in domain else [])]
    return environment().get_template("card.md.jinja").render(
        name=material.recipe["name"], model=model, domain=domain, device=material.recipe["device"], base=base,
        tags=tags, system=domain.get("system"), about=_about(model, domain["name"]),
        trained=trained(material), scores=scores, questions=scored["questions"], enforced=material.run["enforced"])


def _about(model: dict[str, Any], domain: str) -> str:
    if model["source"] == "scratch":
        return f"A small {model['family']} model trained from scratch on {domain}."
    return f"{model.get('repo') or 'A ' + model['family'] + ' model'}, fine-tuned on {domain}."
