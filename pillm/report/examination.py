"""The questions themselves: what answers that know everything, or nothing, score on them."""
from typing import Any

from pillm.report.material import Material
from pillm.report.words import percent

Json = dict[str, Any]


def examination(material: Material) -> Json | None:
    """`who`: (name, what is answered); `lines`: a suite, its questions and a share per answerer."""
    from pillm.serve.examining import ANSWERERS

    found = material.examination
    if not found:
        return None
    who = [name for name in ANSWERERS if any(name in suite for suite in found.values())]
    lines = [{"suite": name, "questions": suite["questions"],
              "cells": [percent(suite[each]) if each in suite else "" for each in who]}
             for name, suite in found.items()]
    return {"who": [(name, ANSWERERS[name]) for name in who], "lines": lines}
