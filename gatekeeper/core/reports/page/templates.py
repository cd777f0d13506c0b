"""The page's templates and the files it embeds.

The wheel carries the templates compiled to Python (`hatch_build.py`), because compiling them would
be a tenth of a gate's start. A checkout loads them from their sources.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
)

from gatekeeper.core.reports import page
from gatekeeper.core.text import printable

_FOLDER = page.__path__[0]
_SOURCES = FileSystemLoader(f"{_FOLDER}/assets")


def environment(loader: BaseLoader) -> Environment:
    """Return the environment that the templates are compiled in and rendered in."""
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
        auto_reload=False,
    )


def _finalized(value: Any) -> Any:
    """Make a text printable before it is escaped; markup was made from printable texts."""
    return printable(value) if type(value) is str else value


@cache
def templates() -> Environment:
    """Return the environment of the templates: compiled ones if packaged, else their sources."""
    return environment(ChoiceLoader([ModuleLoader(f"{_FOLDER}/compiled"), _SOURCES]))


def load() -> None:
    """Load every template and embedded file, so that rendering the page reads no file."""
    for name in _SOURCES.list_templates():
        if name.endswith(".html"):
            templates().get_template(name)
        else:
            embedded(name)


@cache
def embedded(name: str) -> str:
    """Return the text of a file that the page embeds unchanged, such as its style."""
    text, _, _ = _SOURCES.get_source(templates(), name)
    return text
