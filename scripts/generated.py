"""Files that scripts generate."""

import json
import sys
from pathlib import Path
from typing import Any


def write_or_check(file: Path, text: str, target: str) -> None:
    """Write a generated file; with `--check`, exit with an error if it differs from its source.

    `target` is the target of make that generates it.
    """
    if "--check" not in sys.argv:
        file.write_text(text, encoding="utf-8")
    elif file.read_text(encoding="utf-8") != text:
        sys.exit(f"{file.name} is out of date: run `make {target}`")


def json_text(value: Any) -> str:
    """Return a value as the content of a JSON file."""
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"
