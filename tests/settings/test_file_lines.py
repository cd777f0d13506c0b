"""The lines of keys and tables in a TOML file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.settings.file_lines import FileLines
from support.program import Program

TEXT = '''\
# timeout = "1m"
host = """
timeout = "2m"
[[suite]]
"""
"timeout" = "3m"
accept = [
  ["timeout = 4"],
[]]

[[suite]]
name = "A"

[[ 'suite' ]] # the second one
jwt-claims = {timeout = "5m"}
  timeout= "6m"
[suite.more]
name = "B"
[[known-failure]]
step = "timeout"
[credentials.booking]
client-id = "cs-1"
[ credentials . "loyalty" ] # quoted
note = """
[credentials.none]
"""
client-id = "cs-2"
'''


def test_keys_and_headers_are_found_and_nothing_that_only_looks_like_one() -> None:
    assert tomllib.loads(TEXT)
    lines = FileLines(TEXT)
    assert lines.of_key("timeout") == 6
    assert lines.of_key("accept") == 7
    assert [lines.of_table("suite", index) for index in range(3)] == [11, 14, None]
    assert lines.of_key("name", "suite", 0) == 12
    assert lines.of_key("timeout", "suite", 0) is None
    assert lines.of_key("timeout", "suite", 1) == 16
    assert lines.of_key("name", "suite", 1) is None
    assert lines.of_table("known-failure", 0) == 19
    tables = ("credentials.booking", "credentials.loyalty", "credentials.none")
    assert [lines.of_table(name, 0) for name in tables] == [21, 23, None]
    assert [lines.of_key("client-id", name) for name in tables[:2]] == [22, 27]


# Each is a value over several lines, or on one, that looks like keys and headers.
values = st.sampled_from(
    [
        "1",
        '"""\n[[suite]]\nname = 1\n"""',
        "'''\nkey = 1\n[[suite]]\n'''",
        "[\n[],\n[[1]],\n]",
        '"[[suite]]"',
    ]
)
tables = st.lists(st.lists(values, max_size=3), max_size=4)


@given(st.lists(values, max_size=3), tables)
def test_every_key_of_any_file_is_found(top: list[str], suites: list[list[str]]) -> None:
    text: list[str] = []
    places: list[tuple[str, str, int, int]] = []

    def add(line: str) -> int:
        begin = sum(part.count("\n") + 1 for part in text) + 1
        text.append(line)
        return begin

    for number, value in enumerate(top):
        places.append((f"key{number}", "", 0, add(f"key{number} = {value}")))
    headers = []
    for index, keys in enumerate(suites):
        headers.append(add("[[suite]]"))
        for number, value in enumerate(keys):
            places.append((f"key{number}", "suite", index, add(f"key{number} = {value}")))
    lines = FileLines("\n".join(text))
    assert [lines.of_key(name, table, index) for name, table, index, _ in places] == [
        line for *_, line in places
    ]
    assert [lines.of_table("suite", index) for index in range(len(suites))] == headers


@pytest.mark.proves(
    "a configuration file made so that the lines of its problems take long to find",
    "the problems come without lines, within seconds",
)
def test_a_file_that_takes_too_long_to_search_has_problems_without_lines(program: Program) -> None:
    text = "accept = [\n" + "[],\n" * 100_000 + "]\ntimeout = 30\n"
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")
    done = program.run("config")
    assert done.returncode == 2
    assert "gatekeeper.toml: timeout: must be a string" in done.stderr


def test_a_file_that_cannot_be_read_is_reported_with_the_line_that_names_it(
    program: Program,
) -> None:
    text = '# the certificates\nca-bundle = "nowhere.pem"\n'
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")
    done = program.run("config")
    assert "gatekeeper.toml, line 2: ca-bundle: " in done.stderr
