"""Code, help, `action.yml`, README, docs and examples say the same."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from click import Context
from click.testing import CliRunner

from gatekeeper import __version__
from gatekeeper.cli import COMMANDS, cli
from gatekeeper.core.outcomes import Check
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.errors import ExitCode
from gatekeeper.platforms.outputs import OUTPUTS
from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.kinds import Choice
from gatekeeper.settings.setting import Setting

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {
    path.relative_to(ROOT / "docs").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs").rglob("*.md"))
}
PAGES = {"README.md": README, **DOCS}
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
COMPOSITE: dict[str, Any] = yaml.safe_load(
    (ROOT / "composite/action.yml").read_text(encoding="utf-8")
)
COMPONENT, COMPONENT_JOBS = yaml.safe_load_all(
    (ROOT / "templates/conversation-tests.yml").read_text(encoding="utf-8")
)
# GitLab's token is for its API alone.
OF_GITHUB = [setting for setting in SETTINGS if setting.name != "gitlab-token"]
EXAMPLES = sorted((ROOT / "examples").iterdir())
# What a release makes exist: the actions, the component, the image, and the package.
RELEASED = re.compile(rf"(@v|/gatekeeper[:/]v?){re.escape(__version__)}|kore-gatekeeper")
GATE = re.compile(r"[^/]+/\.?gatekeeper(/composite)?(@|$)")


def first_cells(page: str) -> list[str]:
    """Return the first cell of every row of a page's tables, without its marks."""
    return [cell.strip("`") for cell in re.findall(r"^\| (.+?) \|.*\|$", page, re.MULTILINE)]


def blocks(page: str, *languages: str) -> list[str]:
    """Return the code of a page's fenced blocks in these languages."""
    found = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


def test_every_setting_is_an_input_with_its_default_and_every_input_a_setting() -> None:
    inputs = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()}
    assert inputs == {setting.name: setting.default_text for setting in OF_GITHUB}
    for setting in OF_GITHUB:
        assert ACTION["inputs"][setting.name]["description"] == setting.description


def test_every_output_is_in_the_action_with_its_description() -> None:
    outputs = {name: given["description"] for name, given in ACTION["outputs"].items()}
    assert outputs == OUTPUTS


def test_the_action_without_docker_has_the_same_inputs_and_outputs() -> None:
    assert COMPOSITE["inputs"] == ACTION["inputs"]
    for name, output in ACTION["outputs"].items():
        value = f"${{{{ steps.gate.outputs.{name} }}}}"
        assert COMPOSITE["outputs"][name] == output | {"value": value}
    assert set(COMPOSITE["outputs"]) == set(ACTION["outputs"])


def test_the_action_without_docker_hands_every_input_over_and_lets_variables_beat_them() -> None:
    [gate] = [step for step in COMPOSITE["runs"]["steps"] if step["id"] == "gate"]
    expected = {
        setting.variable: f"${{{{ env.{setting.variable} || inputs.{setting.name} }}}}"
        for setting in OF_GITHUB
    }
    python = {"INTERPRETER": "${{ steps.python.outputs.python-path }}"}
    assert gate["env"] == expected | python


def test_every_setting_that_is_no_secret_is_an_input_of_the_component() -> None:
    """But for a path of the JUnit XML of its own, which GitLab would not find."""
    settings = [setting for setting in SETTINGS if not setting.secret and setting.name != "junit"]
    inputs = COMPONENT["spec"]["inputs"]
    variables = COMPONENT_JOBS["$[[ inputs.job-name ]]"]["variables"]
    own = {"job-name", "stage", "image", "no-verdict"}
    assert set(inputs) == {setting.name for setting in settings} | own
    expected = {setting.variable: f"$[[ inputs.{setting.name} ]]" for setting in settings}
    assert variables == expected
    for setting in settings:
        assert inputs[setting.name]["description"] == setting.description
        assert inputs[setting.name]["default"] == setting.default_text
        # A boolean would have no value for a switch that nobody chose.
        assert "type" not in inputs[setting.name]
        choices = list(setting.kind.choices) if isinstance(setting.kind, Choice) else None
        choices = ["", "true", "false"] if setting.kind.is_switch else choices
        assert inputs[setting.name].get("options") == choices


def test_the_component_lets_pass_only_what_ended_without_a_verdict() -> None:
    allowed = COMPONENT_JOBS[".gatekeeper-no-verdict-warn"]["allow_failure"]["exit_codes"]
    assert allowed == [ExitCode.NO_VERDICT, ExitCode.TIMEOUT]
    assert COMPONENT["spec"]["inputs"]["no-verdict"]["default"] == "fail"


def test_examples_and_component_are_of_this_version() -> None:
    """Never of "latest", nor of a branch."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES}
    texts |= {"README": README, "component": COMPONENT["spec"]["inputs"]["image"]["default"]}
    reference = r"/gatekeeper(?:/[a-z-]+)?[@:]v?([\w.-]+)|/gatekeeper/v([\d.]+)/"
    found = {name: {a or b for a, b in re.findall(reference, texts[name])} for name in texts}
    assert set.union(*found.values()) == {__version__}
    named = {name for name in texts if found[name]}
    assert {"README", "component", "github-workflow.yml", ".gitlab-ci.yml", "Jenkinsfile"} <= named
    for page in DOCS.values():
        versions = re.findall(r"(?:/gatekeeper:|@v|/gatekeeper/v)(\d+\.\d+\.\d+)", page)
        assert set(versions) <= {__version__}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_page_of_settings_has_each_with_flag_variable_default_and_meaning(
    setting: Setting[Any],
) -> None:
    flags = [f"`{flag}`" for flag in (setting.flag, setting.off_flag) if flag]
    flag = ", ".join(flags) or "none: a secret"
    default = f"`{setting.default_text}`" if setting.default_text else ""
    cells = (f"`{setting.name}`", flag, f"`{setting.variable}`", default, setting.description)
    assert f"| {' | '.join(cells)} |\n" in DOCS["reference/settings.md"]


def test_the_page_of_settings_has_no_other() -> None:
    table = re.findall(
        r"^\| `([a-z-]+)` \| .*`GATEKEEPER_", DOCS["reference/settings.md"], re.MULTILINE
    )
    assert table == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_help_has_each_flag_and_no_secret_has_one(setting: Setting[Any]) -> None:
    help_text = CliRunner().invoke(cli, ["gate", "--help"]).output
    assert setting.variable in help_text.replace("\n", "")
    assert bool(re.search(rf"--{setting.name}\b(?!-)", help_text)) is (setting.flag is not None)


@pytest.mark.parametrize(
    "setting",
    [setting for setting in SETTINGS if setting.flag],
    ids=lambda setting: setting.name,
)
def test_the_help_shows_each_flags_type_limits_and_default(setting: Setting[Any]) -> None:
    done = CliRunner().invoke(cli, ["gate", "--help"], terminal_width=1000, max_content_width=1000)
    help_text = " ".join(done.output.split())
    value = f" / {setting.off_flag}" if setting.off_flag else f" {setting.kind.metavar}"
    text = setting.help if isinstance(setting.kind, Choice) else setting.description
    default = f"; default: {setting.default_text}" if setting.default_text else ""
    shown = f"{setting.flag}{value} {text} [env var: {setting.variable}{default}]"
    assert shown in help_text


def test_the_pages_of_outputs_and_cross_checks_have_each_and_no_other() -> None:
    for page, names in (("reference/outputs.md", OUTPUTS), ("reference/checks.md", Check)):
        assert sorted(first_cells(DOCS[page])[1:]) == sorted(names)
    for name, description in OUTPUTS.items():
        assert f"| `{name}` | {description} |\n" in DOCS["reference/outputs.md"]


def test_the_readme_and_the_page_of_exit_codes_have_each_and_no_other() -> None:
    for page in (README, DOCS["reference/exit-codes.md"]):
        cells = [cell for cell in first_cells(page) if cell[0].isdigit()]
        codes = [int(code) for cell in cells for code in cell.split(", ")]
        assert codes == sorted(code.value for code in ExitCode)


def test_exit_codes_are_unique() -> None:
    assert len({code.value for code in ExitCode}) == len(list(ExitCode.__members__))


def test_the_page_of_commands_has_every_command() -> None:
    for name in COMMANDS:
        assert f"\n## gatekeeper {name}\n" in DOCS["reference/commands.md"]


def test_the_help_can_be_piped_on_windows_too() -> None:
    for arguments in ([], *([name] for name in COMMANDS)):
        done = CliRunner().invoke(cli, [*arguments, "--help"])
        assert done.output.encode("cp1252")


def test_the_result_json_that_is_shown_has_the_shape_that_is_written() -> None:
    [block] = blocks(DOCS["reference/result-json.md"], "json")
    shown = json.loads(block)
    written = json.loads(b"".join(result_json(gate_of(read_saved(block.encode())))))
    assert list(shown) == list(written)
    assert list(shown["runs"][0]) == list(written["runs"][0])
    assert shown["runs"][0]["cases"] == written["runs"][0]["cases"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_each_example_is_shown_word_for_word(example: Path) -> None:
    code = example.read_text(encoding="utf-8")
    assert any(f"\n{code}```" in page for page in DOCS.values())


@pytest.mark.parametrize("page", PAGES)
def test_each_file_that_is_shown_is_an_example_or_a_part_of_one(page: str) -> None:
    """So every snippet is linted; a part may be indented less than in its file."""
    examples = [f"\n{path.read_text(encoding='utf-8')}" for path in EXAMPLES]
    for code in blocks(PAGES[page], "yaml", "groovy", "toml", "python", "ini"):
        parts = [f"\n{indent(code, ' ' * width)}" for width in range(0, 20, 2)]
        assert any(part in example for example in examples for part in parts), code


@pytest.mark.parametrize("page", PAGES)
def test_each_command_line_that_is_shown_has_a_command_and_its_flags(page: str) -> None:
    lines = "".join(blocks(PAGES[page], "sh")).replace("\\\n", "").splitlines()
    lines += re.findall(r"`(gatekeeper [^`]+)`", PAGES[page])
    for line in lines:
        for name, flags in re.findall(r"(?:^|&& |: )gatekeeper ([a-z]\w*)([^&|>]*)", line):
            command = cli.get_command(Context(cli), name)
            assert command, line
            known = {flag for it in command.params for flag in (*it.opts, *it.secondary_opts)}
            given = {word for word in shlex.split(flags) if word[:2] == "--"}
            assert given <= known | {"--help"}, line


@pytest.mark.parametrize("page", PAGES)
def test_each_page_with_names_that_a_release_makes_exist_says_what_to_do_before(page: str) -> None:
    if page != "how-to/own-copy.md" and RELEASED.search(PAGES[page]):
        assert re.search(r"\]\((docs/how-to/|\.\./how-to/)?own-copy\.md\)", PAGES[page])


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(README.splitlines()) <= 150


def test_the_examples_use_settings_that_there_are() -> None:
    names = {setting.name for setting in SETTINGS}
    variables = {setting.variable for setting in SETTINGS}
    tables = tomllib.loads((ROOT / "examples/gatekeeper-credentials.toml").read_text("utf-8"))
    for table in tables["credentials"].values():
        variables |= {name for key, name in table.items() if key.endswith("-variable")}
    gates = 0
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"GATEKEEPER_[A-Z_]+", text)) <= variables, path
        document = yaml.safe_load(text) if path.suffix == ".yml" else {}
        jobs = document.get("jobs", {}) if path.name.startswith("github-") else {}
        for step in (step for job in jobs.values() for step in job["steps"]):
            if GATE.match(step.get("uses", "")):
                assert set(step["with"]) <= names, path
                gates += 1
        for include in document.get("include", []) if "gitlab" in path.name else []:
            assert set(include["inputs"]) <= set(COMPONENT["spec"]["inputs"]), path
            gates += 1
    assert gates >= len([path for path in EXAMPLES if path.name.startswith("github-")])


def test_the_readmes_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"```sh\nmake {target}\n```" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
