"""How a recipe writes its steps."""
from typing import Any

OPTIONS = ("uses", "inputs")


def uses(steps: Any) -> dict[str, str]:
    """`[sft, {base: {uses: evaluate}}]` → `{sft: sft, base: evaluate}`; what is not of this form is left out."""
    pairs = [pair for entry in steps if (pair := _pair(entry))] if isinstance(steps, list) else []
    return {name: str(options.get("uses", name)) for name, options in pairs}


def _pair(entry: Any) -> tuple[str, dict] | None:
    if isinstance(entry, str):
        return entry, {}
    if isinstance(entry, dict) and len(entry) == 1:
        name, options = next(iter(entry.items()))
        return (str(name), options or {}) if isinstance(options, (dict, type(None))) else None
    return None


def inputs(steps: list, name: str) -> dict[str, str]:
    """The inputs a recipe binds by hand."""
    options = next((entry[name] for entry in steps if isinstance(entry, dict) and name in entry), None) or {}
    return options.get("inputs") or {}


def mistakes(steps: Any) -> list[tuple[int, str]]:
    """(place in the list, what is wrong. what to do.)"""
    if not isinstance(steps, list) or not steps:
        return [(0, "a recipe lists its steps. Write steps: [prepare, label, fetch, sft, …].")]
    found = [(n, told) for n, entry in enumerate(steps) for told in _entry_mistakes(entry)]
    names = [pair[0] for entry in steps if (pair := _pair(entry))]
    return found + [(n, f"{name}: there are two steps of this name. Rename one: {name}_2: {{uses: {name}}}.")
                    for n, name in enumerate(names) if name in names[:n]]


def _entry_mistakes(entry: Any) -> list[str]:
    pair = _pair(entry)
    if not pair:
        return [f"{entry!r}: not a step. Write a stage's name, or NAME: {{uses: STAGE, inputs: {{PORT: STEP}}}}."]
    unknown = [key for key in pair[1] if key not in OPTIONS]
    return [f"{pair[0]}: {key}: no such option of a step; it has uses and inputs. "
            f"Settings go under {pair[0]}: at the top level." for key in unknown]
