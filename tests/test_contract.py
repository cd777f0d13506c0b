"""Code, help, `action.yml`, README and examples say the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gatekeeper.cli import cli
from gatekeeper.core.outcomes import Check
from gatekeeper.errors import ExitCode
from gatekeeper.platforms.github import OUTPUTS
from gatekeeper.settings.catalogue import SETTINGS, Setting

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def tables() -> list[list[str]]:
    """Return the first two cells of every row of the README's tables, without their marks."""
    rows = re.findall(r"^\| (.+?) \|(.*)\|$", README, re.MULTILINE)
    return [[first.strip("`"), rest] for first, rest in rows]


def test_every_setting_is_an_input_with_its_default_and_every_input_a_setting() -> None:
    inputs = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()}
    assert inputs == {setting.name: setting.default for setting in SETTINGS}
    for setting in SETTINGS:
        assert ACTION["inputs"][setting.name]["description"] == setting.help


def test_every_output_is_in_the_action_with_its_description() -> None:
    outputs = {name: given["description"] for name, given in ACTION["outputs"].items()}
    assert outputs == OUTPUTS


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_readme_has_each_setting_with_flag_variable_default_and_meaning(
    setting: Setting,
) -> None:
    flag = f"`{setting.flag}`" if setting.flag else "none: a secret"
    default = f"`{setting.default}`" if setting.default else ""
    row = f"| `{setting.name}` | {flag} | `{setting.variable}` | {default} | {setting.help} |"
    assert row in README


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_help_has_each_flag_and_no_secret_has_one(setting: Setting) -> None:
    help_text = CliRunner().invoke(cli, ["gate", "--help"]).output
    assert setting.variable in help_text.replace("\n", "")
    assert bool(re.search(rf"--{setting.name}\b(?!-)", help_text)) is (setting.flag is not None)


def test_the_readme_has_every_output_exit_code_and_cross_check_and_no_other() -> None:
    firsts = [first for first, _ in tables()]
    codes = [int(first) for first in firsts if first.isdigit()]
    assert codes == sorted(code.value for code in ExitCode)
    for name in (*OUTPUTS, *Check):
        assert name in firsts


def test_exit_codes_are_unique() -> None:
    assert len({code.value for code in ExitCode}) == len(list(ExitCode.__members__))


def test_the_readme_has_every_command() -> None:
    for name in cli.commands:
        assert f"| `gatekeeper {name}" in README


def test_the_readmes_result_json_has_the_shape_that_is_written() -> None:
    [block] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert json.loads(block)["runs"][0]["cases"]


@pytest.mark.parametrize("name", ["github-workflow.yml", ".gitlab-ci.yml", "Jenkinsfile"])
def test_each_snippet_of_the_readme_is_an_example_word_for_word(name: str) -> None:
    assert (ROOT / "examples" / name).read_text(encoding="utf-8").rstrip() in README


def test_the_examples_use_settings_that_there_are() -> None:
    workflow = yaml.safe_load((ROOT / "examples/github-workflow.yml").read_text(encoding="utf-8"))
    given = workflow["jobs"]["conversations"]["steps"][0]["with"]
    assert set(given) <= {setting.name for setting in SETTINGS}
    variables = {setting.variable for setting in SETTINGS} | {"GATEKEEPER_IMAGE"}
    for name in (".gitlab-ci.yml", "Jenkinsfile"):
        text = (ROOT / "examples" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"GATEKEEPER_[A-Z_]+", text)) <= variables


def test_the_readmes_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"```sh\nmake {target}\n```" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
