"""Trees that a command is tried on: files by path, as the execution checker plants them."""
import shlex
from collections.abc import Iterator
from random import Random
from typing import Any

from pillm.errors import DataError, suggest
from pillm.records.exercise import texts
from pillm.records.exercise.tasks import Files, Slots, Spec, Task
from pillm.records.exercise.text import filled

STEMS = ("report", "photo", "notes", "backup", "invoice", "server", "app", "error", "draft 2", "old data", "main",
         "test")
ENDINGS = ("txt", "log", "jpg", "JPG", "conf", "sh", "tmp", "bak", "md", "csv")
FOLDERS = ("", "", "sub/", "2023/", "a b/", "sub/deep/")


def planted(task: Task, slots: Slots, rng: Random) -> Files:
    """What the task plants, drawn anew."""
    files: Files = {}
    for path, maker in task.plant.items():
        name, *arguments = (filled(word, slots) for word in shlex.split(maker))
        where = filled(path, slots)
        if where.endswith("/"):
            files |= {_at(where, inside): spec for inside, spec in _folder(task, name)(rng, *arguments)}
        else:
            files[where] = _file(task, name, arguments, rng)
    return files


def _at(folder: str, inside: str) -> str:
    return inside if folder == "./" else folder + inside


def _folder(task: Task, name: str) -> Any:
    if name not in FOLDER_MAKERS:
        raise DataError(f"{task.task}: plant: no folder is made by {name!r}.{suggest(name, FOLDER_MAKERS)}")
    return FOLDER_MAKERS[name]


def _file(task: Task, name: str, arguments: list[str], rng: Random) -> Spec:
    """`name@0600` gives it a mode; `linkto PATH` is a symbolic link."""
    if name == "linkto":
        return {"link": arguments[0]}
    maker, _, mode = name.partition("@")
    makers = _texts()
    if maker not in makers:
        raise DataError(f"{task.task}: plant: no text is made by {maker!r}.{suggest(maker, makers)}")
    return {"text": makers[maker](rng, *arguments)} | ({"mode": mode} if mode else {})


def _texts() -> dict[str, texts.Maker]:
    from pillm.records.exercise import music_texts

    return texts.TEXTS | music_texts.TEXTS


def mixed(rng: Random, count: str = "18") -> Iterator[tuple[str, Spec]]:
    """Files of many kinds, in folders and not; some names have spaces."""
    for path in _paths(rng, int(count)):
        yield path, {"text": texts.prose(rng, "5")}


def big(rng: Random, size: str) -> Iterator[tuple[str, Spec]]:
    """Files around a size in bytes: clearly smaller, clearly larger, a few of exactly that size."""
    for n, path in enumerate(_paths(rng, 14)):
        yield path, {"size": int(int(size) * (1, 0.25, 1.5, 0.5, 2)[n] if n < 5 else
                                 int(size) * rng.choice((0.25, 0.5, 1.5, 1.75)))}


def aged(rng: Random) -> Iterator[tuple[str, Spec]]:
    """Old files, and files of today."""
    for n, path in enumerate(_paths(rng, 14)):
        old = {"mtime": f"2021-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T08:{rng.randint(10, 59)}:00"}
        yield path, {"text": texts.prose(rng, "3")} | (old if n % 2 else {"age_s": 60 * rng.randint(5, 900)})


def dated(rng: Random) -> Iterator[tuple[str, Spec]]:
    """Files of 2023 and 2024, each of another minute."""
    for n, path in enumerate(_paths(rng, 14)):
        day = f"{rng.choice((2023, 2024))}-{rng.randint(1, 12):02}-{rng.randint(10, 28)}"
        when = f"{day}T{n + 4:02}:{rng.randint(10, 59)}:00"
        yield path, {"text": texts.prose(rng, "3"), "mtime": when}


def flat(rng: Random, ending: str = "", count: str = "7") -> Iterator[tuple[str, Spec]]:
    """Files of different sizes right in the folder; of one ending if it is named."""
    for n, stem in enumerate(rng.sample(STEMS, int(count))):
        name = f"{stem}.{ending or rng.choice(ENDINGS)}"
        yield name, {"text": texts.prose(rng, str(4 + 3 * n)), "mtime": f"2024-05-{n + 10}T1{rng.randrange(10)}:00:00"}


def modes(rng: Random, *choices: str) -> Iterator[tuple[str, Spec]]:
    """Files with these modes."""
    for n, path in enumerate(_paths(rng, 12)):
        yield path, {"text": texts.script(rng), "mode": choices[n % len(choices)]}


def holes(rng: Random) -> Iterator[tuple[str, Spec]]:
    """Empty files among others."""
    for n, path in enumerate(_paths(rng, 12)):
        yield path, {"text": "" if n % 3 == 0 else texts.prose(rng, "4") + "end\n"}


def code(rng: Random, mark: str = "TODO") -> Iterator[tuple[str, Spec]]:
    """Sources, some with a mark in other cases too."""
    for n, path in enumerate(_paths(rng, 12, ("py", "sh", "md", "py"))):
        lines = [f"x = {rng.randrange(90)}", "print(x)", f"# {rng.choice(texts.WORDS[:8])}", "y = x"]
        lines.insert(rng.randrange(4), (f"# {mark}: check", f"# {mark.lower()} later", "pass")[n % 3])
        yield path, {"text": "".join(f"{one}\n" for one in lines)}


def copies(rng: Random) -> Iterator[tuple[str, Spec]]:
    """Files, some of the same content."""
    bodies = [texts.names(rng, "5") for _ in range(4)]
    for path in _paths(rng, 9):
        yield path, {"text": rng.choice(bodies)}


def links(rng: Random) -> Iterator[tuple[str, Spec]]:
    """Files and symbolic links, some of which lead nowhere."""
    for n, path in enumerate(_paths(rng, 12)):
        broken, good = {"link": f"gone-{n}"}, {"link": "."}
        yield path, (broken, {"text": texts.prose(rng, "3")}, good)[n % 3]


def _paths(rng: Random, count: int, endings: tuple[str, ...] = ENDINGS) -> list[str]:
    """Different ones; the first have every ending, so that none is missing."""
    first = zip(rng.choices(STEMS, k=len(endings)), endings, strict=True)
    found = {f"{rng.choice(FOLDERS)}{stem}.{ending}" for stem, ending in first}
    while len(found) < count:
        found.add(f"{rng.choice(FOLDERS)}{rng.choice(STEMS)}.{rng.choice(endings)}")
    ordered = sorted(found)
    rng.shuffle(ordered)
    return ordered


FOLDER_MAKERS = {maker.__name__: maker for maker in (
    mixed, big, aged, dated, flat, modes, holes, code, copies, links)}
