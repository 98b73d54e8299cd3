"""Imports point one way, there are no cycles, and looking at a recipe loads nothing heavy."""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "pillm"
BELOW = {
    "errors": set(),
    "device_fit": {"errors"},
    "words": set(),
    "fast_yaml": set(),
    "json_text": set(),
    "shape": set(),
    "installed": set(),
    "judged": set(),
    "backends": {"shape", "errors", "installed", "judged"},
    "engine": {"errors", "installed"},
    "serve": {"backends", "errors", "fast_yaml", "json_text"},
    "records": {"backends", "errors", "serve", "fast_yaml", "json_text"},
    "domains": {"engine", "records", "serve", "backends", "errors", "fast_yaml"},
    "report": {"backends", "serve", "records", "device_fit", "words", "errors", "json_text"},
    "stages": {"engine", "serve", "records", "report", "backends", "device_fit", "shape", "errors", "installed",
               "judged", "json_text"},
    "config": {"engine", "device_fit", "shape", "errors", "installed", "fast_yaml"},
    "job": {"config", "engine", "shape", "errors"},
    "terminal": {"job", "config", "engine", "domains", "serve", "backends", "records", "words", "errors"},
    "cli": {"terminal", "job", "config", "engine", "errors"},
    "__main__": {"cli"},
}
"""Room → the rooms it may import."""
HEAVY = ("torch", "transformers", "trl", "peft", "numpy", "matplotlib", "xllamacpp", "gguf", "scipy", "jsonschema",
         "sklearn", "music21", "tree_sitter")
ONE_ROOM = ("torch", "transformers", "trl", "peft", "numpy", "matplotlib", "xllamacpp", "gguf", "scipy", "rensa",
            "sacrebleu", "jsonschema", "tokenizers", "sentencepiece", "safetensors", "huggingface_hub", "bitsandbytes",
            "httpx", "sklearn", "markdown_it", "lxml", "tree_sitter", "tree_sitter_bash", "tree_sitter_ruby",
            "pyarrow", "datasets", "music21")
"""Libraries that only backends import."""


def modules() -> dict[str, Path]:
    files = {p for p in PACKAGE.rglob("*.py") if not p.is_relative_to(PACKAGE / "share")}
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in sorted(files)}


def imports(file: Path, *, top_only: bool = False) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    nodes = tree.body if top_only else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_imports_point_one_way() -> None:
    known = modules()
    wrong = [f"{module} imports {other}" for module, file in known.items() if room(module)
             for other in imports(file) if other in known and room(other)
             and room(other) != room(module) and room(other) not in BELOW[room(module)]]
    assert wrong == []


def test_there_are_no_cycles() -> None:
    known = modules()
    graph = {m: {o for o in imports(f, top_only=True) if o in known and o != m} for m, f in known.items()}
    while graph:
        leaves = {m for m, deps in graph.items() if not deps & graph.keys()}
        assert leaves, f"a cycle among {sorted(graph)}"
        graph = {m: deps for m, deps in graph.items() if m not in leaves}


def test_outside_libraries_have_one_room() -> None:
    wrong = [f"{module} imports {other}" for module, file in modules().items() if room(module) not in ("backends",)
             for other in imports(file) if other.split(".")[0] in ONE_ROOM]
    assert wrong == []


def test_only_hydras_three_files_import_it() -> None:
    allowed = {"pillm.config.compose", "pillm.config.sources", "pillm.config.comparison", "pillm.cli"}
    assert {m for m, f in modules().items() if any(o.split(".")[0] == "hydra" for o in imports(f))} <= allowed


def test_only_the_command_line_prints() -> None:
    printing = {m for m, f in modules().items() for node in ast.walk(ast.parse(f.read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"}
    assert {m for m in printing if room(m) not in ("cli", "terminal")} <= CHILDREN


CHILDREN = {"pillm.backends.llama_cpp.abi_probe", "pillm.backends.llama_cpp.speed"}
"""Programs of their own, which answer their parent on standard output."""


@pytest.mark.parametrize("words", [[], ["+recipe=quebecois_tinyllama", "plan=true"],
                                   ["+recipe=quebecois_tinyllama", "+caps=smoke", "plan=true"],
                                   ["+recipe=quebecois_nano", "--cfg", "job"],
                                   ["+recipe=quebecois_qwen", "explain=sft.lora.rank"]])
def test_looking_loads_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    script = ("import sys; sys.argv = ['pillm', *sys.argv[1:]]; from pillm.cli import main; code = main(); "
              f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(code)")
    done = subprocess.run([sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (0, "[]")
    assert list(tmp_path.iterdir()) == []
