"""What `init` writes reads back as what it was given, and what it takes from a checkout."""

import json
import re
import resource
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.text import inert, printable
from gatekeeper.job_files.checkout import default_branch, head_commit, platforms_of, root_of
from gatekeeper.job_files.new_gate import NewGate, config_text, job_text
from gatekeeper.job_files.platforms import BY_NAME, PLATFORMS
from gatekeeper.job_files.reading import read_new_gate
from gatekeeper.job_files.render import quoted
from gatekeeper.job_files.sources import action_from, default_action, schema_url
from gatekeeper.kore.host import base_url
from gatekeeper.new_files import create_files
from gatekeeper.origin import VERSION_TAG
from gatekeeper.settings.config_file import read_document
from gatekeeper.settings.file_lines import FileLines, Place
from support.program import ROOT

# Apart from the project's name, so that `make adopt` does not replace it.
PLACEHOLDER = "owner"
JOBS = [name for name, platform in BY_NAME.items() if platform.path]

any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
hostile = st.sampled_from(
    [
        '"""',
        "\\",
        "'",
        "${{ x }}",
        "$X",
        "$$",
        "#",
        "- a: [b",
        "@@ x @@",
        "@% x %@",
        "]]",
        "\x1b[0m",
    ]
)
names = (
    st.lists(any_text | hostile, min_size=1, max_size=4)
    .map("".join)
    .filter(lambda name: len(name.splitlines()) == 1 and name == name.strip() != "")
)


def is_host(text: str) -> bool:
    """Whether `init` takes a text as a host."""
    try:
        return text.isprintable() and bool(base_url(text))
    except ValueError:
        return False


HOSTS = ["bots.kore.ai", "https://bücher.example:8443", "http://[::1]:80"]
hosts = st.sampled_from(HOSTS) | st.text(min_size=1).map(str.strip).filter(is_host)


def new_gate(**values: Any) -> NewGate:
    """Return a gate with these values, and any others."""
    defaults: dict[str, Any] = {
        "platform": BY_NAME["github"],
        "host": "bots.kore.ai",
        "stream_id": "st-1",
        "client_id": "",
        "user_email": "",
        "suites": ("A",),
        "source": "team/gatekeeper:1",
        "comment": False,
        "branch": "main",
    }
    return NewGate(**(defaults | values))


@settings(max_examples=50)
@given(hosts, names, names, names, st.lists(names, min_size=1, unique=True))
def test_the_configuration_reads_back_as_it_was_given(
    host: str, stream_id: str, client_id: str, user_email: str, suites: list[str]
) -> None:
    gate = new_gate(
        host=host,
        stream_id=stream_id,
        client_id=client_id,
        user_email=user_email,
        suites=tuple(suites),
    )
    text = config_text(gate)
    read = tomllib.loads(text)
    assert read == {
        "host": host,
        "stream-id": stream_id,
        "client-id": client_id,
        "user-email": user_email,
        "timeout": "30m",
        "suite": [{"name": name} for name in suites],
    }
    # What a log that shows the file would show is the file itself.
    assert inert(printable(text)) == text


def test_what_is_not_given_is_left_to_fill_in() -> None:
    text = config_text(new_gate())
    assert {"client-id", "user-email"} & tomllib.loads(text).keys() == set()
    filled = re.sub(r"^# (?=client-id|user-email)", "", text, flags=re.MULTILINE)
    assert {"client-id", "user-email"} <= tomllib.loads(filled).keys()
    place = Place("gatekeeper.toml", FileLines(filled))
    assert read_document(place, tomllib.loads(filled)).problems == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_is_the_same_in_toml_and_in_yaml(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}") == {"x": text}
    assert yaml.safe_load(f"x: {quoted(text)}") == {"x": text}
    assert "\n" not in quoted(text)


@given(hosts)
def test_a_host_has_no_character_that_is_special_in_a_string_of_any_language(host: str) -> None:
    """So a job can have it in quotes, whether those of a shell, of Groovy, or of Kotlin."""
    assert not set(host) & set("\\'\"`$ ")


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("branch", ["main", "1.0", "yes", "release/2"])
def test_a_job_has_the_host_and_the_branch_and_no_suite(name: str, host: str, branch: str) -> None:
    platform = BY_NAME[name]
    text = job_text(new_gate(platform=platform, host=host, branch=branch, suites=("Booking",)))
    if platform.path.endswith(".yml"):
        found = values(yaml.safe_load(text))
        assert len({host, f'export GATEKEEPER_HOST="{host}"'} & set(found)) == 1
        assert (branch in found) is (name in ("github", "azure"))
    else:
        assert re.search(rf"""GATEKEEPER_HOST.*["']{re.escape(host)}["']""", text)
    assert "Booking" not in text


def values(document: Any) -> list[str]:
    """Return every string in a YAML document, at any depth."""
    if isinstance(document, dict):
        return [text for value in document.values() for text in values(value)]
    if isinstance(document, list):
        return [text for value in document for text in values(value)]
    return [document] if isinstance(document, str) else []


def test_a_job_in_an_existing_pipeline_runs_when_that_does() -> None:
    """A rule for merge requests would start a second pipeline, which lacks all other jobs."""
    gate = new_gate(platform=BY_NAME["gitlab"])
    pipeline = yaml.safe_load(job_text(gate))
    assert [rule["if"].split()[0] for rule in pipeline.pop("workflow")["rules"]] == [
        "$CI_PIPELINE_SOURCE",
        "$CI_COMMIT_BRANCH",
    ]
    assert yaml.safe_load(job_text(gate, is_beside=True)) == pipeline
    assert "rules" not in pipeline["conversation-tests"]


def test_only_github_and_gitlab_comment_and_only_where_it_is_asked_for() -> None:
    for platform in PLATFORMS:
        if platform.path:
            plain, commenting = (
                job_text(new_gate(platform=platform, comment=comment)) for comment in (False, True)
            )
            assert "comment: always" not in plain.lower()
            assert (plain != commenting) is platform.takes_comment
    github = yaml.safe_load(job_text(new_gate(comment=True)))["jobs"]["conversations"]
    assert github["permissions"] == {"contents": "read", "pull-requests": "write"}
    given = github["steps"][1]["with"]
    assert (given["comment"], given["github-token"]) == ("always", "${{ github.token }}")


def test_the_page_has_each_platform_with_its_files() -> None:
    page = (ROOT / "docs/how-to/init.md").read_text(encoding="utf-8")
    _, *rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"| `{platform.name}`" for platform in PLATFORMS]
    for (_, job, if_it_exists, _), platform in zip(rows, PLATFORMS, strict=True):
        assert job == (f"`{platform.path}`" if platform.path else job)
        assert if_it_exists.startswith(f"`{platform.beside}`" if platform.beside else "")
        assert if_it_exists.startswith("printed") is bool(platform.then and not platform.beside)


@pytest.mark.parametrize(
    ("paths", "origin", "expected"),
    [
        ([], "", []),
        ([], "git@github.com:a/b.git", ["github"]),
        ([], "https://token@gitlab.acme.io/a/github.git", ["gitlab"]),
        ([], "ssh://git@ssh.dev.azure.com:22/v3/a/b/c", ["azure"]),
        ([], "https://bitbucket.org/a/gitlab", ["bitbucket"]),
        ([], "/srv/git/github.git", []),
        ([".github/workflows/x.yml"], "https://gitlab.com/a/b", ["github"]),
        ([".github/dependabot.yml", "Jenkinsfile"], "https://github.com/a/b", ["jenkins"]),
        ([".circleci/config.yml", ".gitlab-ci.yml"], "", ["gitlab", "circleci"]),
        ([".teamcity/settings.kts"], "", ["teamcity"]),
        (["azure-pipelines.yml"], "", ["azure"]),
        (["bitbucket-pipelines.yml"], "", ["bitbucket"]),
    ],
)
def test_the_platform_is_told_by_its_files_or_else_by_the_server(
    tmp_path: Path, paths: list[str], origin: str, expected: list[str]
) -> None:
    remote = f'[remote "origin"]\n\tfetch = x\n\turl = {origin}\n'
    config = f"[core]\n\tbare = false\n{remote}[other]\n\turl = gitlab.com\n"
    create_files({tmp_path / ".git/config": config, **{tmp_path / path: "" for path in paths}})
    assert platforms_of(tmp_path) == expected


def test_a_huge_git_configuration_without_a_server_delays_nothing(tmp_path: Path) -> None:
    create_files({tmp_path / ".git/config": '[remote "origin"]\n' + "\n " * 400_000})
    assert platforms_of(tmp_path) == []


@pytest.mark.parametrize(
    ("heads", "branch"),
    [
        ({}, "main"),
        ({"HEAD": "ref: refs/heads/master\n"}, "master"),
        ({"HEAD": "ref: refs/heads/feature\n"}, "main"),
        ({"HEAD": "0" * 40}, "main"),
        (
            {
                "HEAD": "ref: refs/heads/master\n",
                "refs/remotes/origin/HEAD": "ref: refs/remotes/origin/release/2\n",
            },
            "release/2",
        ),
        ({"refs/remotes/origin/HEAD": 'ref: refs/remotes/origin/a"b$\n'}, "main"),
    ],
)
def test_the_default_branch_is_that_of_origin_in_a_clone_and_in_its_worktrees(
    tmp_path: Path, heads: dict[str, str], branch: str
) -> None:
    git, linked = tmp_path / "clone/.git", tmp_path / "clone/.git/worktrees/linked"
    create_files({git / "config": "", **{git / name: text for name, text in heads.items()}})
    assert default_branch(tmp_path / "clone") == branch
    head = {linked / "HEAD": heads.get("HEAD", "")}
    create_files(
        {tmp_path / "linked/.git": f"gitdir: {linked}\n", linked / "commondir": "../..\n", **head}
    )
    assert default_branch(tmp_path / "linked") == branch
    assert root_of(tmp_path / "linked") == tmp_path / "linked"


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({"HEAD": "1" * 40 + "\n"}, "1" * 40),
        ({"HEAD": "ref: refs/heads/a/b\n", "refs/heads/a/b": "2" * 64 + "\n"}, "2" * 64),
        (
            {
                "HEAD": "ref: refs/heads/b\n",
                "packed-refs": f"# pack-refs\n{'4' * 40} refs/heads/a/b\n{'3' * 40} refs/heads/b\n",
            },
            "3" * 40,
        ),
        ({"HEAD": "ref: refs/heads/new\n"}, ""),
        ({}, ""),
    ],
)
def test_the_action_of_a_fork_is_that_of_the_commit_checked_out(
    tmp_path: Path, files: dict[str, str], commit: str
) -> None:
    git, linked = tmp_path / "clone/.git", tmp_path / "clone/.git/worktrees/linked"
    create_files({git / name: text for name, text in files.items()})
    head = {linked / "HEAD": files["HEAD"]} if files else {}
    link = {tmp_path / "linked/.git": f"gitdir: {linked}\n", linked / "commondir": "../..\n"}
    create_files(link | head)
    for name in ("clone", "linked"):
        assert head_commit(tmp_path / name) == commit
        action = default_action("acme/gatekeeper", tmp_path / name)
        assert action == action_from(f"acme/gatekeeper@{commit or VERSION_TAG}")
    assert default_action(f"{PLACEHOLDER}/gatekeeper", tmp_path / "clone").endswith(
        f"@{VERSION_TAG}"
    )


def test_the_action_of_a_fork_is_that_of_the_commit_it_was_installed_from(tmp_path: Path) -> None:
    record = tmp_path / "site/kore_gatekeeper-0.1.0.dist-info/direct_url.json"
    create_files({record: "", tmp_path / "a fork/.git/HEAD": "2" * 40})
    url = "git+https://git.example/acme/gatekeeper"
    for content, ref in (
        ({"url": url, "vcs_info": {"vcs": "git", "commit_id": "1" * 40}}, "1" * 40),
        ({"url": (tmp_path / "a fork").as_uri(), "dir_info": {}}, "2" * 40),
        ({"url": "file:///gone", "dir_info": {}}, VERSION_TAG),
        ({"url": "file:///a.whl", "archive_info": {}}, VERSION_TAG),
    ):
        record.write_text(json.dumps(content), encoding="utf-8")
        assert default_action("acme/gatekeeper", tmp_path / "site") == f"acme/gatekeeper@{ref}"


def test_the_schema_is_named_once_there_is_one() -> None:
    assert schema_url(f"{PLACEHOLDER}/gatekeeper") == ""
    assert re.fullmatch(
        r"https://\S+/acme/gatekeeper/[\w.]+/\S+\.json", schema_url("acme/gatekeeper")
    )


def test_files_are_created_all_or_none_and_keep_what_exists(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/taken").write_text("mine", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for last in (tmp_path / "b/taken", tmp_path / "b/taken/x", tmp_path / f"b/{'x' * 300}"):
        kind = FileExistsError if last.name == "taken" else OSError
        with pytest.raises(kind, match=r"File exists|Not a directory|File name too long"):
            create_files({tmp_path / "a/deep/new": "é", tmp_path / "first": "", last: "new"})
        assert sorted(tmp_path.rglob("*")) == before
        assert (tmp_path / "b/taken").read_text(encoding="utf-8") == "mine"
    create_files({tmp_path / "a/deep/new": "é", tmp_path / "first": ""})
    assert (tmp_path / "a/deep/new").read_bytes() == "é".encode()
    assert len([*tmp_path.rglob("*")]) == len(before) + 4


@pytest.mark.proves("a disk that is full when `init` writes", "no file is left behind")
def test_on_a_full_disk_no_file_is_left_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            create_files({tmp_path / "first": "", tmp_path / "a/second": 101 * "x"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.filename == str(tmp_path / "a/second")
    assert [*tmp_path.iterdir()] == []


def test_variables_of_the_settings_count_as_given() -> None:
    environ = {
        "GATEKEEPER_HOST": "bots.kore.ai",
        "GATEKEEPER_STREAM_ID": "st-1",
        "GATEKEEPER_TEST_SUITE": "A\nB",
        "GATEKEEPER_CLIENT_ID": "cs-1",
    }
    flags = dict.fromkeys(["platform", "image", "action", "comment"])
    gate, warnings = read_new_gate(flags, environ, ["jenkins"], "main")
    assert (gate.platform.name, gate.host, gate.suites) == ("jenkins", "bots.kore.ai", ("A", "B"))
    assert (gate.client_id, gate.user_email, warnings) == ("cs-1", "", [])
