"""The scores: a picture against the base, tables, and answers side by side."""
from dataclasses import dataclass
from typing import Any

from pillm.backends.llama_cpp.ladder import UNQUANTIZED
from pillm.json_text import compact
from pillm.report.material import Material, Scored
from pillm.report.words import cell, interval

Json = dict[str, Any]

PLAIN_NAMES = {"slot_f1": "slot F1", "json_valid": "is JSON", "schema_valid": "fits schema",
               "ast": "same tree", "tree_similarity": "tree similarity",
               "json_schema": "JSON of schema", "one_of": "one of", "chrf": "chrF",
               **{f"differs_from_{name}": f"differs from {name}" for name in UNQUANTIZED},
               "balanced_pair": "one of a pair",
               "premise_true": "true premises", "premise_false": "false premises",
               "balanced_accuracy": "balanced accuracy", "both_right": "both of a pair",
               "judge_failed": "no verdict", "judge_swayed": "swayed by order",
               "thought_tokens": "tokens thought", "thought_ended": "came to an answer"}
"""Of measures; the others are called what they are."""
EXAMPLES = 4
"""Right answers, and as many wrong ones."""


def scores(material: Material) -> Json | None:
    """Picture, table by type, and the difference to the base."""
    if not material.scored:
        return None
    return {"questions": material.scored.marks["questions"], "picture": _picture(material), "table": _by_type(material),
            "gain": gain(material), "judge": judge(material), "suite": material.recipe["domain"].get("eval")}


def judge(material: Material) -> str:
    """How far the model that judged is to be believed: where a program knows, how often it says the same."""
    found = material.scored.marks.get("judge") if material.scored else None
    if not found:
        return ""
    if "agreement" not in found:
        return f"{found['model']} judged; nothing that a program knows was put to it."
    sides = [f"{interval(found[name])} of {found[name]['n']} {told}"
             for name, told in (("on_right", "right answers"), ("on_wrong", "wrong ones")) if name in found]
    return f"{found['model']} judged; of answers that a program had judged, it agrees on {' and '.join(sides)}."


@dataclass(frozen=True)
class Column:
    """One file in one evaluation."""

    name: str
    marks: Json
    of_base: bool = False
    shipped: bool = False


def columns(material: Material) -> list[Column]:
    """The base's files, then ours, those of the evaluation that counts last."""
    base = material.base.marks["types"] if material.base else {}
    found = [Column(f"base {type_}", marks, of_base=True) for type_, marks in base.items()]
    for step, scored in material.compared.items():
        told = named(step) if len(material.compared) > 1 else ""
        found += [Column(f"{type_}{told}", marks, shipped=type_ == material.judged)
                  for type_, marks in scored.marks["types"].items()]
    return found


def named(step: str) -> str:
    """`, spans` of evaluate_spans; nothing of evaluate."""
    rest = step.removeprefix("evaluate").strip("_").replace("_", " ")
    return f", {rest}" if rest else ""


def _picture(material: Material) -> str:
    from pillm.backends import plots

    rows = [(column.name, column.marks["score"], int(column.of_base)) for column in columns(material)]
    return plots.intervals(rows, "Score with 95 % interval", x_label="score")


def _by_type(material: Material) -> Json:
    judged = columns(material)
    names = dict.fromkeys(name for column in judged for name, found in column.marks.items() if _is_measure(found))
    measures = [name for name in names if name == "score" or _says_more(name, judged)]
    lines = [{"name": column.name, "base": column.of_base, "shipped": column.shipped, "sha256": column.marks["sha256"],
              "cells": [cell(column.marks.get(name)) for name in measures]} for column in judged]
    return {"measures": [PLAIN_NAMES.get(name, name) for name in measures], "lines": lines}


def _says_more(measure: str, judged: list[Column]) -> bool:
    """Of a suite with one checker, that checker's score is the score."""
    return any(column.marks.get(measure) != column.marks["score"] for column in judged)


def _is_measure(found: Any) -> bool:
    return isinstance(found, dict) and "low" in found


def gain(material: Material) -> str:
    """Score of the shipped file less the base's on the same questions, with its paired bootstrap interval."""
    from pillm.backends.statistics import DIFFERENCES, bootstrap

    if not material.scored or not material.base:
        return ""
    before = _scores_of(material.base, best(material.base))
    after = _scores_of(material.scored, material.judged)
    both = [after[name] - before[name] for name in after if name in before]
    return interval(bootstrap(both, within=DIFFERENCES)) if both else ""


def best(scored: Scored) -> str:
    """The type that scores highest."""
    types = scored.marks["types"]
    return max(types, key=lambda type_: types[type_]["score"]["value"])


def _scores_of(scored: Scored, type_: str) -> dict[str, float]:
    return {id_: line["score"] for (of, id_), line in scored.answers.items() if of == type_}


def examples(material: Material) -> list[Json]:
    """Questions with the answers of base, unquantized and shipped file: some that it gets right, some wrong."""
    if not material.scored:
        return []
    ours = _scores_of(material.scored, material.judged)
    right = [q for q in material.scored.questions if ours.get(q["id"]) == 1]
    wrong = [q for q in material.scored.questions if ours.get(q["id"], 1) < 1]
    chosen = right[:EXAMPLES] + wrong[:EXAMPLES]
    return [{"asked": asked(question), "wanted": wanted(question["answer"]), "check": question["check"],
             "answers": _answers(material, question["id"])} for question in chosen]


def asked(question: Json) -> str:
    turns = [f"{turn['role']}: {turn['content']}" for turn in question.get("messages", ())]
    return "\n".join([*turns, question.get("user", "")]).strip()


def wanted(answer: Any) -> str:
    """As the model would write it: text as it is, the rest as compact JSON."""
    return answer if isinstance(answer, str) else compact(answer)


def _answers(material: Material, id_: str) -> list[Json]:
    found = []
    if material.base:
        type_ = best(material.base)
        found.append((f"base {type_}", material.base.answers.get((type_, id_))))
    if material.scored:
        types = dict.fromkeys([next(iter(material.scored.marks["types"])), material.judged])
        found += [(type_, material.scored.answers.get((type_, id_))) for type_ in types]
    return [{"name": name, "text": line["answer"], "score": line["score"], "mark": mark(line["score"])}
            for name, line in found if line]


def mark(score: float) -> str:
    return "right" if score == 1 else "wrong" if score == 0 else "partly"
