"""The JSON Schema of `result.json`: what the program writes is valid, and later fields may come."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Pipeline, Shard, StartedBy
from gatekeeper.core.result_file.history import read_past
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.errors import MalformedResult
from scripts.result_schema import result_schema
from support.builders import Json, finished, greeting, run_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "gatekeeper/result.schema.json").read_text(encoding="utf-8")
SCHEMA: Json = json.loads(TEXT)
VALIDATOR = Draft202012Validator(SCHEMA)
RESULTS = sorted((ROOT / "tests/golden").glob("*.result.json"))
ANSWERS = sorted((ROOT / "tests/corpus").glob("*/*.json"))
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def problems(document: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def full() -> Json:
    """Return a result with something in every place."""
    [failed, passed] = (run_of(finished(greeting(how), status=how)) for how in ("failed", "passed"))
    by = StartedBy("2026-05-04T03:02:01+00:00", "https://ci.example/jobs/0")
    run = replace(passed, earlier=(failed,), attempt=2, started_by=by)
    pipeline = Pipeline("0123abc", "https://ci.example/jobs/1", "ci/1")
    fields: Json = {"interrupted_by": 15, "unwritten": ("junit.xml",), "shard": Shard(1, 2)}
    gate = Gate((run, failed), START, 16.4, pipeline, **fields)
    return dict(json.loads(b"".join(result_json(gate))))


def test_it_is_a_schema_and_what_the_programs_structures_make_of_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(result_schema())) == SCHEMA, "run `make schema`"


@pytest.mark.parametrize("result", RESULTS, ids=lambda path: path.name)
def test_the_expected_results_are_valid(result: Path) -> None:
    assert problems(json.loads(result.read_bytes())) == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_result_of_any_response_is_valid(answer: Path) -> None:
    gate = Gate((run_of(answer.read_bytes()),), START, 16.4)
    assert problems(json.loads(b"".join(result_json(gate)))) == []


def test_a_result_with_attempts_a_shard_and_a_signal_is_valid_and_so_is_the_documented_one() -> (
    None
):
    assert problems(full()) == []
    page = (ROOT / "docs/reference/result-json.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert problems(json.loads(block)) == []


def test_every_field_that_is_written_is_listed() -> None:
    """Otherwise the schema would accept it, but say nothing of it."""
    of_object = '"type": "object"'
    strict = json.loads(TEXT.replace(of_object, f'{of_object}, "additionalProperties": false'))
    assert [error.message for error in Draft202012Validator(strict).iter_errors(full())] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": 2},
        {"verdict": "green"},
        {"runs": {}},
        {"runs": [{"verdict": "passed"}]},
        {"runs": [{"test_suite": "A", "verdict": "passed", "cases": [{"index": "1"}]}]},
        {"shard": {"index": 1}},
        {"started_at": None},
    ],
    ids=str,
)
def test_what_the_program_does_not_read_is_invalid(fields: Json) -> None:
    document = full() | fields
    assert problems(document)
    with pytest.raises(MalformedResult):
        read_saved(json.dumps(document).encode())


def with_more_fields(value: Any) -> Any:
    """Return a JSON value as a later version might write it, with more fields in every object."""
    if isinstance(value, list):
        return [with_more_fields(item) for item in value]
    if isinstance(value, dict):
        more = {"later": {"any": [1, None, "text"]}, "also_later": None}
        return {name: with_more_fields(item) for name, item in value.items()} | more
    return value


@pytest.mark.proves(
    "a `result.json` of a later version with more fields", "it is read, and they are ignored"
)
def test_fields_of_later_versions_are_valid_and_ignored() -> None:
    document = full()
    later = with_more_fields(document)
    assert problems(later) == []
    body, later_body = (json.dumps(each).encode() for each in (document, later))
    assert read_saved(later_body) == read_saved(body)
    assert read_past(later_body) == read_past(body)


def test_the_next_schema_is_refused_in_words() -> None:
    body = json.dumps(with_more_fields(full()) | {"schema": 2}).encode()
    for read in (read_saved, read_past):
        with pytest.raises(MalformedResult, match="schema 2 is not supported, only 1"):
            read(body)
