"""Write the JSON Schemas of `result.json` and `runs.json` from the program's structures.

`--check` writes nothing, and fails if the file differs.
"""

import inspect
from pathlib import Path
from typing import Any

import msgspec

from gatekeeper import __version__
from gatekeeper.core import runs_file
from gatekeeper.core.result_file.schema import SCHEMA, SavedGate
from scripts.generated import json_text, write_or_check

FILE = Path(__file__).parents[1] / "gatekeeper" / "result.schema.json"
RUNS_FILE = FILE.with_name("runs.schema.json")
ID = f"https://raw.githubusercontent.com/OWNER/gatekeeper/v{__version__}/gatekeeper"
PREFIX = "Saved"


def result_schema() -> dict[str, Any]:
    """Return the schema of `result.json`."""
    return schema_of("result.json", SavedGate, SCHEMA, FILE)


def runs_schema() -> dict[str, Any]:
    """Return the schema of `runs.json`."""
    return schema_of(runs_file.NAME, runs_file.SavedStarts, runs_file.SCHEMA, RUNS_FILE)


def schema_of(
    title: str, structure: type[msgspec.Struct], version: int, path: Path
) -> dict[str, Any]:
    """Return the schema of a file; like its readers, it permits fields that it does not list."""
    (top,), components = msgspec.json.schema_components([structure], ref_template="#/$defs/{name}")
    definitions = {name.removeprefix(PREFIX): plain(part) for name, part in components.items()}
    found: dict[str, Any] = definitions.pop(top["$ref"].rpartition("/")[2].removeprefix(PREFIX))
    found["properties"]["schema"] = {"const": version}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ID}/{path.name}",
        "title": title,
    }
    return head | {name: found[name] for name in found if name != "title"} | {"$defs": definitions}


def plain(schema: Any) -> Any:
    """Return a schema with tidy descriptions, and without the prefix of the classes' names."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {name: plain(value) for name, value in schema.items()}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = inspect.cleandoc(tidy["description"])
    for name in ("title", "$ref"):
        if isinstance(tidy.get(name), str):
            tidy[name] = tidy[name].replace(PREFIX, "")
    return tidy


if __name__ == "__main__":
    write_or_check(FILE, json_text(result_schema()), "schema")
    write_or_check(RUNS_FILE, json_text(runs_schema()), "schema")
