"""The configuration file's JSON Schema: it takes what the program takes, and says what it says."""

import json
import subprocess
import sys
import tomllib
from datetime import date, datetime, time
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS
from gatekeeper.settings.file_keys import TABLES, TOP
from support.program import ROOT

SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "gatekeeper/gatekeeper.schema.json").read_text(encoding="utf-8")
)
EXAMPLES = [
    tomllib.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "examples").glob("*.toml")
]
VALIDATOR = Draft202012Validator(SCHEMA)
KEYS = {"top": TOP, **TABLES, "credentials": CREDENTIALS_KEYS}
SCHEMAS: dict[str, dict[str, Any]] = {"top": SCHEMA}
SCHEMAS |= {name: SCHEMA["properties"][name]["items"] for name in TABLES}
SCHEMAS["credentials"] = SCHEMA["properties"]["credentials"]["additionalProperties"]


def as_json(value: Any) -> Any:
    """Turn TOML's dates into texts, as editors do before they ask a schema."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


def accepts(document: dict[str, Any]) -> bool:
    return bool(VALIDATOR.is_valid(as_json(document)))


def at(place: str, values: dict[str, Any]) -> dict[str, Any]:
    """Put values at a place of a document, with whatever else is needed there."""
    needed: dict[str, dict[str, Any]] = {
        "top": {},
        "suite": {"name": "A"},
        "known-failure": {"step": "*", "reason": "B", "until": date(2030, 1, 31)},
    }
    if place == "credentials":
        return {place: {"booking": values}}
    return values if place == "top" else {place: [needed[place] | values]}


def test_it_is_a_schema_and_takes_the_examples() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert len(EXAMPLES) > 1
    for example in EXAMPLES:
        assert list(VALIDATOR.iter_errors(as_json(example))) == []


def test_it_has_the_keys_that_the_program_has_and_no_others() -> None:
    assert set(SCHEMAS["top"]["properties"]) == {*TOP, "suite", "known-failure", "credentials"}
    assert set(SCHEMAS["credentials"]["properties"]) == set(CREDENTIALS_KEYS)
    assert set(SCHEMAS["suite"]["properties"]) == set(TABLES["suite"])
    assert set(SCHEMAS["known-failure"]["properties"]) == set(TABLES["known-failure"])
    assert SCHEMAS["suite"]["required"] == ["name"]
    assert SCHEMAS["known-failure"]["required"] == ["step", "reason", "until"]
    for schema in SCHEMAS.values():
        assert schema["additionalProperties"] is False


def test_it_is_what_the_programs_keys_make_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.file_schema", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_explains_each_key_and_settings_as_the_catalogue_does() -> None:
    for schema in SCHEMAS.values():
        for name, described in schema["properties"].items():
            assert described["description"]
            if name in BY_NAME:
                assert described["description"] == BY_NAME[name].describe()
                assert str(described.get("default", "")) == BY_NAME[name].default_text


@pytest.mark.parametrize("place", ["top", "suite", "known-failure", "credentials"])
@pytest.mark.parametrize("key", ["client-secret", "jwt", "private-key", "tiemout", "config", "tag"])
def test_it_refuses_secrets_and_unknown_keys(place: str, key: str) -> None:
    assert not accepts(at(place, {key: "x"}))


SAMPLES: tuple[Any, ...] = (
    "en",
    7,
    7.5,
    101,
    -1,
    True,
    [],
    ["en"],
    ["en", "en"],
    ["counters"],
    [7],
    {},
    time(1, 2),
    datetime.fromisoformat("2030-01-31T00:00:00+00:00"),
)
# A schema cannot tell a date from its text, nor see what a text means.
MEANT = {"timeout", "jwt-claims", "until"}


@pytest.mark.parametrize(
    ("place", "key"), [(place, key) for place in KEYS for key in KEYS[place] if key not in MEANT]
)
def test_it_takes_the_values_that_the_program_takes(place: str, key: str) -> None:
    kind = KEYS[place][key].kind
    for value in SAMPLES:
        try:
            kind.from_toml(value)
        except ValueError:
            taken = False
        else:
            taken = True
        if isinstance(value, time | datetime):
            assert not taken
        else:
            assert accepts(at(place, {key: value})) is taken, value


def test_it_refuses_other_words_than_there_are() -> None:
    assert not accepts({"bot-version": "newest"})
    assert not accepts({"jwt-algorithm": "none"})
    assert not accepts({"timeout": 30})
    assert not accepts({"suite": {"name": "A"}})
    assert not accepts({"suite": [{"blocking": True}]})
    assert not accepts({"known-failure": [{"step": "*", "reason": "B"}]})
    assert not accepts({"credentials": {"client-id": "cs-1"}})
    assert not accepts({"credentials": {"a b": {"client-id": "cs-1"}}})
