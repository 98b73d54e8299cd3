"""What a command is judged on: trees it is run in, and what it must print or leave in each."""
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

MOST_BYTES = 128 * 2**20


def _path(path: str) -> str:
    if not re.fullmatch(r"[^/\0]+(/[^/\0]+)*/?", path) or {".", ".."} & set(path.split("/")):
        raise ValueError("a path lies below the folder: a/b.txt, or a/ for a folder")
    return path


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)


RelativePath = Annotated[str, AfterValidator(_path)]
Moment = Annotated[datetime, AfterValidator(_utc)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Model):
    """What is at a path; planted, what is not said is 0644 (folders 0755) and of 2024; expected, it may be anything."""

    text: str | None = None
    """The content."""
    size: Annotated[int, Field(ge=0, le=MOST_BYTES)] | None = None
    """Bytes, all zero, rather than a text."""
    link: str | None = None
    """A symbolic link to this."""
    mode: Annotated[str, Field(pattern=r"^[0-7]{3,4}$")] | None = None
    """As chmod takes it, in octal."""
    mtime: Moment | None = None
    """When it was written; UTC where no zone is said."""
    age_s: Annotated[float, Field(ge=0)] | None = None
    """When it was written, in seconds before the command is run."""

    @model_validator(mode="after")
    def _one_of_a_kind(self) -> "File":
        if sum(value is not None for value in (self.text, self.size, self.link)) > 1:
            raise ValueError("text, size and link exclude each other")
        if self.mtime is not None and self.age_s is not None:
            raise ValueError("mtime and age_s exclude each other")
        return self


def _file(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _possible(files: dict[str, File | None]) -> dict[str, File | None]:
    for path, file in files.items():
        if path.endswith("/") and file and {"text", "size", "link"} & file.model_fields_set:
            raise ValueError(f"{path} is a folder, which has neither text nor size nor link")
        if {path.rstrip("/"), f"{path.rstrip('/')}/"} <= files.keys():
            raise ValueError(f"{path.rstrip('/')} is both a folder and none")
    return files


Entry = Annotated[File, BeforeValidator(_file)]
"""A file as an object, or its text."""
Files = Annotated[dict[RelativePath, Entry], AfterValidator(_possible)]
State = Annotated[dict[RelativePath, Entry | None], AfterValidator(_possible)]
"""What a command must leave: null is nothing at that path."""


class Tree(Model):
    """A folder's content."""

    files: Files

    @model_validator(mode="after")
    def _nothing_below_a_file(self) -> "Tree":
        ends = {path for path in self.files if not path.endswith("/")}
        for path in self.files:
            if inside := ends & set(above(path)):
                raise ValueError(f"{path} lies below {min(inside)}, which is no folder; end that with /")
        return self


class Argument(Model):
    """An `execution` question's answer: the command must be right on every tree."""

    trees: Annotated[list[Tree], Field(min_length=1)]
    stdout: list[str] | None = None
    """What is printed, tree by tree; null is not looked at. Line ends at the end don't count."""
    state: list[State] | None = None
    """What is left, tree by tree. What a tree has and its state doesn't name must be as it was; more files may be."""
    order: Literal["exact", "any"] = "exact"
    """Whether the order of printed lines counts."""
    paths: bool = False
    """Lines are paths: ./a, /home/u/a and a/ are a."""
    blanks: bool = False
    """Spaces and tabs in a row are one, at a line's ends none."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 4.0

    @model_validator(mode="after")
    def _says_enough(self) -> "Argument":
        for name in ("stdout", "state"):
            given = getattr(self, name)
            if given is not None and len(given) != len(self.trees):
                raise ValueError(f"{name} has {len(given)} entries for {len(self.trees)} trees")
        if all(map(self._holds_before, range(len(self.trees)))):
            raise ValueError("doing nothing would be right: expect a text in stdout, or a state that is not there yet")
        return self

    def _holds_before(self, number: int) -> bool:
        """Whether a command that does and prints nothing is right on a tree."""
        silent = not (self.stdout and self.stdout[number].strip("\n"))
        state = self.state[number] if self.state else {}
        return silent and all(_is_there(self.trees[number], path, wanted) for path, wanted in state.items())


def above(path: str) -> list[str]:
    """The folders that a path lies in, from the top: a, a/b for a/b/c."""
    steps = path.rstrip("/").split("/")
    return ["/".join(steps[:depth]) for depth in range(1, len(steps))]


def suits(value: Any) -> bool:
    """Whether a value is an argument."""
    return not mistakes(value)


def mistakes(value: Any) -> list[str]:
    """What keeps a value from being an argument, each `place: what`."""
    try:
        Argument.model_validate(value)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in error.errors()]
    return []


def _is_there(tree: Tree, path: str, wanted: File | None) -> bool:
    """Whether a tree has, as it is planted, what is wanted."""
    planted = tree.files.get(path)
    if wanted is None:
        return planted is None and not any(path.rstrip("/") in above(other) for other in tree.files)
    return planted is not None and all(getattr(planted, name) == getattr(wanted, name)
                                       for name in wanted.model_fields_set)
