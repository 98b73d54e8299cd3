"""Verbs over planted files: `files srv | named *.log | larger 1024 | paths`."""
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from pillm.records.exercise.tasks import Files, Spec
from pillm.records.exercise.verbs import Lines

OLD = "2022"
"""What was planted with a date before this year is old; what has an age is of today."""


def named(files: Files, *globs: str) -> Files:
    return _where(files, lambda path, spec: any(fnmatchcase(PurePosixPath(path).name, glob) for glob in globs))


def inamed(files: Files, glob: str) -> Files:
    return _where(files, lambda path, spec: fnmatchcase(PurePosixPath(path).name.lower(), glob.lower()))


def unnamed(files: Files, glob: str) -> Files:
    return _where(files, lambda path, spec: not fnmatchcase(PurePosixPath(path).name, glob))


def outside(files: Files, *folders: str) -> Files:
    """None of whose folders has this name."""
    return _where(files, lambda path, spec: not set(folders) & set(PurePosixPath(path).parts[:-1]))


def larger(files: Files, size: str) -> Files:
    return _where(files, lambda path, spec: _size(spec) > int(size))


def smaller(files: Files, size: str) -> Files:
    return _where(files, lambda path, spec: _size(spec) < int(size))


def empty(files: Files) -> Files:
    return _where(files, lambda path, spec: _is_file(spec) and _size(spec) == 0)


def old(files: Files) -> Files:
    return _where(files, lambda path, spec: spec.get("mtime", "today") < OLD)


def recent(files: Files) -> Files:
    return _where(files, lambda path, spec: spec.get("mtime", "today") >= OLD)


def since(files: Files, day: str) -> Files:
    return _where(files, lambda path, spec: spec["mtime"] >= day)


def before(files: Files, day: str) -> Files:
    return _where(files, lambda path, spec: spec["mtime"] < day)


def mode(files: Files, octal: str) -> Files:
    return _where(files, lambda path, spec: int(spec["mode"], 8) == int(octal, 8))


def having_mode(files: Files, octal: str) -> Files:
    """All of these bits."""
    return _where(files, lambda path, spec: int(spec["mode"], 8) & int(octal, 8) == int(octal, 8))


def sharing_mode(files: Files, octal: str) -> Files:
    """Any of these bits."""
    return _where(files, lambda path, spec: bool(int(spec["mode"], 8) & int(octal, 8)))


def containing(files: Files, text: str) -> Files:
    return _where(files, lambda path, spec: text in spec.get("text", ""))


def without(files: Files, text: str) -> Files:
    return _where(files, lambda path, spec: text not in spec.get("text", ""))


def spacey(files: Files) -> Files:
    """With a space in their name."""
    return _where(files, lambda path, spec: " " in PurePosixPath(path).name)


def linked(files: Files) -> Files:
    return _where(files, lambda path, spec: "link" in spec)


def broken(files: Files) -> Files:
    """Links that lead nowhere: to anything but `.`, where the trees here are concerned."""
    return _where(files, lambda path, spec: spec.get("link", ".") != ".")


def depth(files: Files, most: str) -> Files:
    """At most so many folders down, counted from the top of the first folder named."""
    return _where(files, lambda path, spec: path.count("/") <= int(most))


def paths(files: Files) -> Lines:
    """As find prints them below a folder."""
    return list(files)


def basenames(files: Files) -> Lines:
    return [PurePosixPath(path).name for path in files]


def endings(files: Files) -> Lines:
    """What comes after the last point."""
    return [PurePosixPath(path).suffix.removeprefix(".") for path in files]


def folders(files: Files) -> Lines:
    return sorted({str(PurePosixPath(path).parent) for path in files})


def contents(files: Files) -> Lines:
    """All lines, of one file after the other by name."""
    return [line for path in sorted(files) for line in lines_of(files[path])]


def marked(files: Files, text: str) -> Lines:
    """`path:line` of lines that have a text."""
    return [f"{path}:{line}" for path, spec in files.items() for line in lines_of(spec) if text in line]


def counts(files: Files, text: str) -> Lines:
    """`path:how many lines have the text`."""
    return [f"{path}:{sum(text in line for line in lines_of(spec))}" for path, spec in files.items()]


def weights(files: Files) -> Lines:
    """Sizes in bytes."""
    return [str(_size(spec)) for spec in files.values()]


def weighed(files: Files) -> Lines:
    """`size path`."""
    return [f"{_size(spec)} {path}" for path, spec in files.items()]


def newest(files: Files) -> Lines:
    """Names, the newest first."""
    return [PurePosixPath(path).name for path in sorted(files, key=lambda path: files[path]["mtime"], reverse=True)]


def past_newest(files: Files, count: str) -> Files:
    """Without so many of the newest."""
    ordered = sorted(files, key=lambda path: files[path]["mtime"], reverse=True)
    return {path: files[path] for path in ordered[int(count):]}


def heaviest(files: Files) -> Lines:
    """Names, the largest first."""
    return [PurePosixPath(path).name for path in sorted(files, key=lambda path: (-_size(files[path]), path))]


def twins(files: Files) -> Lines:
    """Paths whose content another file has too."""
    bodies = [spec["text"] for spec in files.values()]
    return [path for path, spec in files.items() if bodies.count(spec["text"]) > 1]


def as_modes(files: Files) -> Lines:
    """`mode path`."""
    return [f"{int(spec['mode'], 8):o} {path}" for path, spec in files.items()]


def to_mode(files: Files, octal: str) -> Files:
    """All with this mode."""
    return _with_modes(files, lambda mode: int(octal, 8))


def plus_mode(files: Files, octal: str) -> Files:
    """With these bits as well."""
    return _with_modes(files, lambda mode: mode | int(octal, 8))


def minus_mode(files: Files, octal: str) -> Files:
    """Without these bits."""
    return _with_modes(files, lambda mode: mode & ~int(octal, 8))


def into(files: Files, folder: str) -> Files:
    """The same files right in a folder."""
    return {f"{folder}/{PurePosixPath(path).name}": spec for path, spec in files.items()}


def under(files: Files, old: str, new: str) -> Files:
    """The same files, the beginning of their path changed."""
    return {new + path.removeprefix(old): spec for path, spec in files.items()}


def renamed(files: Files, pattern: str, new: str) -> Files:
    """By a regular expression over the last part of the path."""
    return {str(PurePosixPath(path).with_name(re.sub(pattern, new, PurePosixPath(path).name))): spec
            for path, spec in files.items()}


def edited(files: Files, old: str, new: str) -> Files:
    """One text for another in every one."""
    return {path: spec | {"text": spec["text"].replace(old, new)} for path, spec in files.items()}


def lines_of(spec: Spec) -> Lines:
    return spec.get("text", "").splitlines()


def _size(spec: Spec) -> int:
    return spec.get("size", len(spec.get("text", "").encode()))


def _is_file(spec: Spec) -> bool:
    return "link" not in spec


def _with_modes(files: Files, change: Callable[[int], int]) -> Files:
    return {path: spec | {"mode": f"{change(int(spec['mode'], 8)):04o}"} for path, spec in files.items()}


def _where(files: Files, holds: Callable[[str, Spec], bool]) -> Files:
    return {path: spec for path, spec in files.items() if holds(path, spec)}


FILE_VERBS: dict[str, Callable[..., Files | Lines]] = {verb.__name__: verb for verb in (
    named, inamed, unnamed, outside, larger, smaller, empty, old, recent, since, before, mode, having_mode,
    sharing_mode, containing, without, spacey, linked, broken, depth, paths, basenames, 
    endings, folders, contents, marked, counts, weights, weighed, newest, past_newest, heaviest, twins, as_modes,
    to_mode, plus_mode, minus_mode, into, under, renamed, edited)}
