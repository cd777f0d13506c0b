"""Code, help, `action.yml`, README and examples say the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
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


def tables() -> list[list[str]]:
    """Return the first two cells of every row of the README's tables, without their marks."""
    rows = re.findall(r"^\| (.+?) \|(.*)\|$", README, re.MULTILINE)
    return [[first.strip("`"), rest] for first, rest in rows]


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
    texts = [path.read_text(encoding="utf-8") for path in (*EXAMPLES, ROOT / "README.md")]
    texts.append(COMPONENT["spec"]["inputs"]["image"]["default"])
    version = r"(?:owner/gatekeeper:|@v|OWNER/gatekeeper/v)(\d+\.\d+\.\d+)"
    for text in texts:
        assert set(re.findall(version, text)) == {__version__}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_readme_has_each_setting_with_flag_variable_default_and_meaning(
    setting: Setting[Any],
) -> None:
    flags = [f"`{flag}`" for flag in (setting.flag, setting.off_flag) if flag]
    flag = ", ".join(flags) or "none: a secret"
    default = f"`{setting.default_text}`" if setting.default_text else ""
    cells = (f"`{setting.name}`", flag, f"`{setting.variable}`", default, setting.description)
    assert f"| {' | '.join(cells)} |\n" in README


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


def test_the_readme_has_every_output_exit_code_and_cross_check_and_no_other() -> None:
    firsts = [first for first, _ in tables()]
    codes = [int(first) for first in firsts if first.isdigit()]
    assert codes == sorted(code.value for code in ExitCode)
    for name in (*OUTPUTS, *Check):
        assert name in firsts


def test_exit_codes_are_unique() -> None:
    assert len({code.value for code in ExitCode}) == len(list(ExitCode.__members__))


def test_the_readme_has_every_command() -> None:
    for name in COMMANDS:
        assert f"| `gatekeeper {name}" in README


def test_the_readmes_result_json_has_the_shape_that_is_written() -> None:
    [block] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    shown = json.loads(block)
    written = json.loads(b"".join(result_json(gate_of(read_saved(block.encode())))))
    assert list(shown) == list(written)
    assert list(shown["runs"][0]) == list(written["runs"][0])
    assert shown["runs"][0]["cases"] == written["runs"][0]["cases"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_each_example_is_shown_word_for_word(example: Path) -> None:
    """Some on a page of their own."""
    pages = {"sharded": "several-jobs.md", "comment": "how-to/comment.md"}
    names = (f"docs/{page}" for word, page in pages.items() if word in example.name)
    page = (ROOT / next(names, "README.md")).read_text(encoding="utf-8")
    assert f"\n{example.read_text(encoding='utf-8')}```" in page


def test_the_examples_use_settings_that_there_are() -> None:
    names = {setting.name for setting in SETTINGS}
    for name in ("github-workflow.yml", "github-composite.yml", "github-sharded.yml"):
        workflow = yaml.safe_load((ROOT / "examples" / name).read_text(encoding="utf-8"))
        assert set(workflow["jobs"]["conversations"]["steps"][0]["with"]) <= names
    pipeline = yaml.safe_load((ROOT / "examples/.gitlab-ci.yml").read_text(encoding="utf-8"))
    assert set(pipeline["include"][0]["inputs"]) <= set(COMPONENT["spec"]["inputs"])
    variables = {setting.variable for setting in SETTINGS}
    for name in ("Jenkinsfile", "Jenkinsfile.sharded", "gitlab-sharded.yml", "github-sharded.yml"):
        text = (ROOT / "examples" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"GATEKEEPER_[A-Z_]+", text)) <= variables


def test_the_readmes_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"```sh\nmake {target}\n```" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
