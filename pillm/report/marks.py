"""The scores: a picture against the base, tables, and answers side by side."""
import json
from typing import Any

from pillm.report.material import Material, Scored
from pillm.report.words import cell, interval

Json = dict[str, Any]

PLAIN_NAMES = {"slot_f1": "slot F1", "json_valid": "is JSON", "schema_valid": "fits schema",
               "json_schema": "JSON of schema", "one_of": "one of", "chrf": "chrF"}
"""Of measures; the others are called what they are."""
EXAMPLES = 4
"""Right answers, and as many wrong ones."""
MOST_TAGS = 16


def scores(material: Material) -> Json | None:
    """Picture, table by type, table by tag, and the difference to the base."""
    if not material.scored:
        return None
    return {"questions": material.scored.marks["questions"], "picture": _picture(material), "table": _by_type(material),
            "tags": _by_tag(material), "gain": gain(material), "suite": material.recipe["domain"].get("eval")}


def _columns(material: Material) -> list[tuple[str, Json, bool]]:
    """(name, marks, whether of the base): the base's files, then ours."""
    base = material.base.marks["types"] if material.base else {}
    ours = material.scored.marks["types"] if material.scored else {}
    return [(f"base {type_}", marks, True) for type_, marks in base.items()] + [
        (type_, marks, False) for type_, marks in ours.items()]


def _picture(material: Material) -> str:
    from pillm.backends import plots

    rows = [(name, marks["score"], int(of_base)) for name, marks, of_base in _columns(material)]
    return plots.intervals(rows, "Score with 95 % interval", x_label="score")


def _by_type(material: Material) -> Json:
    columns = _columns(material)
    found = {name: None for _, marks, _ in columns for name in marks if _is_measure(marks[name])}
    lines = [{"name": name, "base": of_base, "sha256": marks["sha256"], "shipped": name == material.shipped,
              "cells": [cell(marks.get(measure)) for measure in found]} for name, marks, of_base in columns]
    return {"measures": [PLAIN_NAMES.get(name, name) for name in found], "lines": lines}


def _is_measure(found: Any) -> bool:
    return isinstance(found, dict) and "low" in found


def _by_tag(material: Material) -> Json | None:
    """The base's best-known file and the shipped one, tag by tag, the weakest first."""
    columns = [(name, marks["tags"]) for name, marks, of_base in _columns(material)
               if "tags" in marks and (of_base or name == material.shipped)]
    if not columns or columns[-1][0] != material.shipped:
        return None
    ours = columns[-1][1]
    tags = sorted(ours, key=lambda tag: (ours[tag]["score"]["value"], tag))[:MOST_TAGS]
    lines = [{"tag": tag, "n": ours[tag]["score"]["n"],
              "cells": [cell(found[tag]["score"] if tag in found else None) for _, found in columns]} for tag in tags]
    return {"columns": [name for name, _ in columns], "lines": lines, "left_out": len(ours) - len(lines)}


def gain(material: Material) -> str:
    """Score of the shipped file less the base's on the same questions, with its paired bootstrap interval."""
    from pillm.backends.statistics import bootstrap

    if not material.scored or not material.base:
        return ""
    before = _scores_of(material.base, _best(material.base))
    after = _scores_of(material.scored, material.shipped)
    both = [after[name] - before[name] for name in after if name in before]
    return interval(bootstrap(both)) if both else ""


def _best(scored: Scored) -> str:
    types = scored.marks["types"]
    return max(types, key=lambda type_: types[type_]["score"]["value"])


def _scores_of(scored: Scored, type_: str) -> dict[str, float]:
    return {id_: line["score"] for (of, id_), line in scored.answers.items() if of == type_}


def examples(material: Material) -> list[Json]:
    """Questions with the answers of base, unquantized and shipped file: some that it gets right, some wrong."""
    if not material.scored:
        return []
    ours = _scores_of(material.scored, material.shipped)
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
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _answers(material: Material, id_: str) -> list[Json]:
    found = []
    if material.base:
        best = _best(material.base)
        found.append((f"base {best}", material.base.answers.get((best, id_))))
    if material.scored:
        types = dict.fromkeys([next(iter(material.scored.marks["types"])), material.shipped])
        found += [(type_, material.scored.answers.get((type_, id_))) for type_ in types]
    return [{"name": name, "text": line["answer"], "score": line["score"], "mark": mark(line["score"])}
            for name, line in found if line]


def mark(score: float) -> str:
    return "right" if score == 1 else "wrong" if score == 0 else "partly"
