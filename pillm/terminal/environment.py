"""What is read into the environment before anything else: `.env`, and the teacher's model from `.llmrc`.

The real environment wins, then `.env` and `.llmrc` of the folder one stands in, then `~/.llmrc`; a recipe that names
teacher.model itself asks none of them.
"""
import os
from pathlib import Path

MODEL = "LLM_MODEL"


def read() -> None:
    dotenv(Path(".env"))
    for file in (Path(".llmrc"), Path.home() / ".llmrc"):
        llmrc(file)


def dotenv(file: Path) -> None:
    if file.is_file():
        from dotenv import load_dotenv

        load_dotenv(file, override=False)


def llmrc(file: Path) -> None:
    """Lines as in `.env` (LLM_MODEL=…, LLM_BASE_URL=…), or the model's name alone."""
    if not file.is_file():
        return
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    if len(told) == 1 and "=" not in told[0]:
        os.environ.setdefault(MODEL, told[0])
    else:
        dotenv(file)
