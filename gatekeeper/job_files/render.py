"""Fills in the templates of `init`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gatekeeper.core.text import double_quoted, inert

_FOLDER = Path(__file__).parent / "templates"


def rendered(name: str, values: dict[str, Any]) -> str:
    """Return a template filled in."""
    return _templates().get_template(f"{name}.jinja").render(values)


@cache
def _templates() -> Environment:
    """Return the environment of the templates.

    `@% %@` encloses a statement, and `@@ @@` a value: `{{` and the like mean something in the files
    themselves.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=False,  # noqa: S701 - not HTML: texts are quoted by `quoted`, or need no quotes
        undefined=StrictUndefined,
        variable_start_string="@@",
        variable_end_string="@@",
        block_start_string="@%",
        block_end_string="%@",
        comment_start_string="@#",
        comment_end_string="#@",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = quoted
    return environment


def quoted(text: str) -> str:
    """Quote a text for TOML and YAML, so that no log that shows the file contains a command."""
    plain = double_quoted(text)
    return plain if inert(plain) == plain else double_quoted(text, "#:")
