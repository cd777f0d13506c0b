"""Write the JSON Schema of `result.json` from the structures that the program reads and writes.

`--check` writes nothing, and fails if the file differs.
"""

import inspect
from pathlib import Path
from typing import Any

import msgspec

from gatekeeper import __version__
from gatekeeper.core.result_file.schema import SCHEMA, SavedGate
from scripts.generated import json_text, write_or_check

FILE = Path(__file__).parents[1] / "gatekeeper" / "result.schema.json"
ID = f"https://raw.githubusercontent.com/OWNER/gatekeeper/v{__version__}/gatekeeper/{FILE.name}"
PREFIX = "Saved"


def result_schema() -> dict[str, Any]:
    """Return the schema of the file; like its readers, it permits fields that it does not list."""
    (top,), components = msgspec.json.schema_components([SavedGate], ref_template="#/$defs/{name}")
    definitions = {name.removeprefix(PREFIX): plain(part) for name, part in components.items()}
    gate = definitions.pop(top["$ref"].rpartition("/")[2].removeprefix(PREFIX))
    gate["properties"]["schema"] = {"const": SCHEMA}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "result.json",
    }
    return head | {name: gate[name] for name in gate if name != "title"} | {"$defs": definitions}


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
