"""What each step cost beside what was predicted, and how to make it all again."""
import shlex
from typing import Any

from pillm.report.material import Material
from pillm.words import duration, size

Json = dict[str, Any]


def resources(material: Material) -> Json:
    """A line per step; `share` is of the longest, for a bar."""
    steps = material.run["steps"]
    longest = max((step["made"]["seconds"] for step in steps.values()), default=0)
    lines = [_line(name, step, longest) for name, step in steps.items()]
    total = {key: sum(step["made"][key] for step in steps.values()) for key in ("seconds", "cpu_s")}
    return {"lines": lines, "seconds": duration(total["seconds"]), "cpu_s": duration(total["cpu_s"])}


def _line(name: str, step: Json, longest: float) -> Json:
    made, predicted = step["made"], step.get("predicted") or {}
    disk = sum(output.get("bytes", 0) for output in step["outputs"].values())
    cells = [
        (duration(made["seconds"]), _if_any(predicted.get("seconds"), duration)), (duration(made["cpu_s"]), ""),
        (size(made["peak_rss_mib"] * 2**20), _gib(predicted.get("ram_gib"))),
        (_if_any(disk, size), _gib(predicted.get("disk_gib")))]
    share = round(100 * made["seconds"] / longest) if longest else 0
    return {"step": name, "stage": step["stage"], "share": share, "cells": cells}


def _gib(amount: float | None) -> str:
    return _if_any(amount, lambda gib: size(gib * 2**30))


def _if_any(value: float | None, said: Any) -> str:
    return said(value) if value else ""


def reproduce(material: Material) -> Json:
    """The command, what it ran with, and the digest of everything that was made."""
    command = f"python -m pillm {shlex.join(material.recipe['overrides'])}"
    digests = [{"artifact": f"{step}.{port}", "kind": output["kind"], "digest": output["digest"]}
               for step, made in material.run["steps"].items() for port, output in made["outputs"].items()]
    return {"command": command, "seed": material.recipe["seed"], "facts": material.facts, "digests": digests}
