"""Write the JSON Schema of `gatekeeper.toml` from the keys that the program has.

`--check` writes nothing, and fails if the file differs.
"""

from pathlib import Path
from typing import Any

from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS, NAME_PATTERN
from gatekeeper.settings.file_keys import CREDENTIALS, TABLES, TOP, Keys
from gatekeeper.settings.setting import Key
from scripts.generated import json_text, write_or_check

FILE = Path(__file__).parents[1] / "gatekeeper" / "gatekeeper.schema.json"
DESCRIPTIONS = {
    "suite": "A suite that the gate runs.",
    "known-failure": "A known failure, which is tolerated until a given day.",
}


def key_schema(key: Key[Any]) -> dict[str, Any]:
    """Return the schema of a key's value; a required string is not blank."""
    schema = {"description": key.describe(), **key.kind.json_schema}
    if key.required:
        schema["minLength"] = 1
    if key.default is not None:
        schema["default"] = key.default
    return schema


def table_schema(keys: Keys) -> dict[str, Any]:
    """Return the schema of a table."""
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
    if required := [key.name for key in keys.values() if key.required]:
        schema["required"] = required
    return schema | {"properties": {name: key_schema(key) for name, key in keys.items()}}


def file_schema() -> dict[str, Any]:
    """Return the schema of the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatekeeper.toml",
        "description": "The Kore.ai conversation test suites of a gate, and how each is judged.",
        **table_schema(TOP),
    }
    for name, keys in TABLES.items():
        array = {"type": "array", "items": table_schema(keys)}
        schema["properties"][name] = {"description": DESCRIPTIONS[name], **array}
    schema["properties"][CREDENTIALS.name] = {
        "description": "Credentials with a name, which suites can choose.",
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
        "additionalProperties": table_schema(CREDENTIALS_KEYS),
    }
    return schema


if __name__ == "__main__":
    write_or_check(FILE, json_text(file_schema()), "schema")
