"""How much of an examination planted among records is found: `python bench/contamination.py [MODEL]`.

Twenty questions, each with two paraphrases of ours (the nearer keeps its words, the farther only its meaning), are
planted equal, changed by rule, and reworded, one record each, among others that hold none. Printed: of each kind, how
many prepare leaves out as near a question. MODEL is a folder with an embedding model (prepare.semantic), whose finds
at cosines of 0.7, 0.8 and 0.9 are printed beside.
"""
import json
import random
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pillm.records.rejects import CONTAMINATION
from pillm.stages.prepare import PrepareConfig, prepare

QUESTIONS = [
    ("Comment est-ce que je vide le cache de mon navigateur?",
     "Comment je fais pour vider le cache de mon navigateur?",
     "Mon fureteur garde de vieilles pages; qu'est-ce que j'efface?"),
    ("Quelle est la différence entre une tuque et un bonnet?",
     "C'est quoi, la différence entre un bonnet et une tuque?",
     "Tuque, bonnet : est-ce la même affaire?"),
    ("Peux-tu me trouver un restaurant de sushis ouvert le dimanche à Laval?",
     "Trouve-moi un restaurant de sushis à Laval qui est ouvert le dimanche",
     "J'ai envie de manger japonais en fin de semaine, sur la Rive-Nord"),
    ("Pourquoi les feuilles d'érable deviennent-elles rouges en automne?",
     "Pourquoi est-ce que les feuilles des érables deviennent rouges l'automne?",
     "D'où vient la couleur des arbres en octobre?"),
    ("Rappelle-moi d'appeler le dentiste demain matin à neuf heures",
     "Demain matin à neuf heures, rappelle-moi d'appeler le dentiste",
     "Faut pas que j'oublie mon coup de fil à la clinique dentaire demain en avant-midi"),
    ("Combien de temps faut-il faire cuire un œuf à la coque?",
     "Un œuf à la coque, ça cuit combien de temps?",
     "Donne-moi la durée pour des œufs mollets"),
    ("Traduis en anglais : il tombe des clous depuis ce matin",
     "Comment on traduit en anglais : il tombe des clous depuis ce matin?",
     "How would you say that it has been pouring since morning?"),
    ("Est-ce que la poutine a été inventée à Drummondville?",
     "La poutine, est-ce qu'elle a été inventée à Drummondville?",
     "Quelle ville a vu naître le mélange de frites, de sauce et de fromage?"),
    ("Écris un courriel pour annuler mon rendez-vous de jeudi avec le garagiste",
     "Annule par courriel mon rendez-vous de jeudi avec le garagiste",
     "Dis au mécanicien que je ne pourrai pas passer cette semaine"),
    ("Quelle température fera-t-il à Québec la fin de semaine prochaine?",
     "La fin de semaine prochaine, quelle température fera-t-il à Québec?",
     "Vas-tu falloir que je m'habille chaudement samedi dans la Vieille Capitale?"),
    ("How do I find all files larger than one gigabyte under /var?",
     "How can I find all of the files under /var larger than one gigabyte?",
     "Something on the disk is huge; which command lists the biggest ones?"),
    ("Which command shows the last fifty lines of the system journal?",
     "What command shows the last fifty lines of the systemd journal?",
     "I want to look at recent log entries only"),
    ("How do I stop a service from starting when the machine boots?",
     "How can I keep a service from starting when the machine boots?",
     "The daemon must not come up after a restart"),
    ("Write a regular expression that matches a Canadian postal code",
     "Give me a regular expression that matches Canadian postal codes",
     "Pattern for H2X 1Y4 and the like, please"),
    ("What does exit code 137 mean for a container?",
     "A container ended with exit code 137, what does it mean?",
     "My pod was killed; is it the memory?"),
    ("How do I copy a folder to another machine and keep its permissions?",
     "How can I copy a folder to another machine while keeping its permissions?",
     "Mirror a directory over ssh with modes and owners intact"),
    ("Explain why a process in uninterruptible sleep cannot be killed",
     "Why can a process in uninterruptible sleep not be killed? Explain.",
     "kill -9 does nothing to something in state D"),
    ("How do I add a user to the docker group without logging out?",
     "How can I add a user to the group docker without logging out?",
     "Container commands need sudo; give me the membership in this session"),
    ("Show me how to undo the last commit but keep the changes",
     "How do I undo my last commit but keep the changes?",
     "I committed too early and want my edits back in the tree"),
    ("Which port does PostgreSQL listen on by default?",
     "By default, which port does PostgreSQL listen on?",
     "Where do I connect to the database server if nothing was configured?"),
]
"""(question, the same reordered or with other small words, the same said otherwise)."""
FILLER = ("Voici ce qu'on m'a raconté hier au dépanneur pendant que la neige tombait sur le stationnement et que "
          "personne ne voulait sortir en premier. ")


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _typo(text: str) -> str:
    """Two letters of the longest word change places."""
    word = max(text.split(), key=len)
    return text.replace(word, word[:2] + word[3] + word[2] + word[4:])


def _without(text: str) -> str:
    """The third word is missing."""
    words = text.split()
    return " ".join(words[:2] + words[3:])


RULES: dict[str, Callable[[str], str]] = {
    "equal": lambda text: text, "other case": str.upper, "without accents": _plain,
    "other punctuation": lambda text: text.replace("?", " ?!").replace("'", "’").replace("-", " "),
    "a typo": _typo, "a word less": _without, "with a greeting": lambda text: f"Salut! {text} Merci bien d'avance.",
    "in a long record": lambda text: FILLER * 20 + text + " " + FILLER * 20,
}


def planted() -> dict[str, list[str]]:
    """Texts by the way they were changed."""
    by_rule = {name: [change(question) for question, _, _ in QUESTIONS] for name, change in RULES.items()}
    return by_rule | {"reworded, near": [near for _, near, _ in QUESTIONS],
                      "reworded, far": [far for *_, far in QUESTIONS]}


def others(count: int) -> list[str]:
    """Requests of the same manner and words that are no question of the examination."""
    draw = random.Random(0)
    words = sorted({word for question, *_ in QUESTIONS for word in question.split()})
    return [" ".join(draw.choices(words, k=draw.randint(5, 14))) for _ in range(count)]


def found(folder: Path, count: int, **options: Any) -> dict[str, tuple[int, int]]:
    """Of each kind, how many were left out as near a question, and of how many."""
    kinds = planted() | {"no question": others(count)}
    rows = [(kind, text) for kind, texts in kinds.items() for text in texts]
    lines = [json.dumps({"user": text, "assistant": f"Réponse {n}", "kind": kind})
             for n, (kind, text) in enumerate(rows)]
    (folder / "records.jsonl").write_text("\n".join(lines), "utf-8")
    asked = [json.dumps({"id": str(n), "user": question, "check": "contains", "answer": "x"})
             for n, (question, _, _) in enumerate(QUESTIONS)]
    (folder / "eval.jsonl").write_text("\n".join(asked), "utf-8")
    config = PrepareConfig(files=[folder / "records.jsonl"], eval=folder / "eval.jsonl", system=None,
                           answer_schema=None, seed=0, near_duplicate=None, length_times=None, **options)
    with tempfile.TemporaryDirectory() as work:
        prepare.action(config, generated={}, records=Path(work) / "records", work=Path(work),
                       progress=lambda *_, **__: None)
        told = map(json.loads, (Path(work) / "records" / "rejected.jsonl").read_text("utf-8").splitlines())
        out = [row["record"]["kind"] for row in told if row["reason"] == CONTAMINATION]
    return {kind: (out.count(kind), len(texts)) for kind, texts in kinds.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = [found(Path(folder), 2000)]
        for threshold in (0.7, 0.8, 0.9) if sys.argv[1:] else ():
            semantic = {"model": sys.argv[1], "threshold": 1, "eval_threshold": threshold}
            results.append(found(Path(folder), 300, semantic=semantic))
        for kind in results[0]:
            print(f"{kind:<20}", *(f"{result[kind][0]:>5} of {result[kind][1]:<5,}" for result in results))


if __name__ == "__main__":
    main()
