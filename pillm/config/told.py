"""Help texts: the docstring under a field of a typed config, read from the source only when somebody asks for it.

Pydantic can read them too (`use_attribute_docstrings`), but then does so whenever a class is made: a fifth of the time
that a plan takes.
"""
import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

from pydantic import BaseModel

from pillm.config.defaults import group


def _docstrings(owner: type[BaseModel]) -> dict[str, str]:
    """Field → its docstring, inherited ones included."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= _own(base)
    return found


def _own(owner: type[BaseModel]) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    assert isinstance(tree, ast.ClassDef)
    texts = {}
    for field, text in pairwise(tree.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(told))):
                texts[name] = inspect.cleandoc(told)
    return texts


@cache
def described(owner: type[BaseModel]) -> type[BaseModel]:
    """The class with its fields' docstrings in its JSON Schema."""
    texts = _docstrings(owner)
    for name, field in owner.model_fields.items():
        if inner := group(field.annotation):
            described(inner)
        field.description = texts.get(name)
    owner.model_rebuild(force=True)
    return owner
