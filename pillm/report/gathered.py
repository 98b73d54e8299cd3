"""What was gathered from the user's own material: of each source, and why the rest is not among it."""
from collections import Counter
from typing import Any

from pillm.report.material import Material

Json = dict[str, Any]


def gathered(material: Material) -> Json | None:
    """`sources`: files or pages, passages, records and what was left out of each; `reasons`: its counts by source."""
    found = [step["metrics"] for step in material.run["steps"].values() if step.get("stage") == "gather"]
    if not found:
        return None
    sources = {name: counts for metrics in found for name, counts in metrics["sources"].items()}
    reasons: Counter[str] = Counter()
    for metrics in found:
        reasons.update(metrics["left_out"])
    return {
        "names": list(sources),
        "sources": [{"name": name, "cells": [f"{counts[what]:,}" for what in ("units", "passages", "rows")]
                     + [f"{sum(counts['left_out'].values()):,}"]} for name, counts in sources.items()],
        "reasons": [{"reason": reason, "cells": [f"{count:,}"] + [
            f"{counts['left_out'].get(reason, 0):,}" for counts in sources.values()]}
            for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))],
        "masked": ", ".join(f"{kind} {count:,}" for metrics in found for kind, count in metrics["masked"].items())}
