"""`init` as a process: the files that it writes, when it writes none, and what it asks."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from gatekeeper.job_files.platforms import BY_NAME, PLATFORMS, JobPlatform
from gatekeeper.origin import ACTION, IMAGE, is_placeholder
from gatekeeper.simulator import Simulator
from support.program import Program
from support.terminal import read_terminal

SETTINGS = {"--host": "bots.kore.ai", "--stream-id": "st-1", "--test-suite": "Booking"}
FLAGS = [word for setting in SETTINGS.items() for word in setting]
CONFIG = "gatekeeper.toml"
WORKFLOW = BY_NAME["github"].path


def files(folder: Path) -> dict[str, str]:
    """Return the text of each file in a folder, at any depth, by its path."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def put(folder: Path, name: str, text: str = "mine") -> None:
    """Write a file, and the folders it is in."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.proves("a secret in the environment while `init` runs", "in no file and no output")
@pytest.mark.parametrize("name", BY_NAME)
def test_it_writes_the_settings_and_the_job_and_says_what_is_left_to_do(
    program: Program, name: str
) -> None:
    secret = "s3cr3t-of-this-machine"
    done = program.run("init", "--platform", name, *FLAGS, GATEKEEPER_CLIENT_SECRET=secret)
    assert (done.returncode, done.stderr) == (0, "")
    found = files(program.folder)
    assert set(found) == {CONFIG, BY_NAME[name].path} - {""}
    assert secret not in "".join(found.values()) + done.stdout
    for file in found:
        assert f"wrote {file}\n" in done.stdout
    assert "in gatekeeper.toml, fill in client-id and user-email\n" in done.stdout
    source = ACTION if name == "github" else IMAGE
    assert (f"replace {source}, a placeholder" in done.stdout) is is_placeholder(source)
    assert "set GATEKEEPER_CLIENT_SECRET in a shell and run gatekeeper doctor: " in done.stdout


@pytest.mark.parametrize(("scenario", "code"), [("banking-transfer", 0), ("banking-card-block", 1)])
def test_its_settings_run_the_gate_once_the_secret_is_set(
    program: Program, simulator: Simulator, scenario: str, code: int
) -> None:
    suite = 'A "#1": ##[x] \\ é=ctr-1='
    simulator.add_scenario(suite.removesuffix("="), scenario)
    app = ("--host", simulator.host, "--stream-id", simulator.stream_id)
    credentials = ("--client-id", simulator.client_id, "--user-email", simulator.user_email)
    suites = ("--test-suite", suite, "--test-suite", "hotel-arabic")
    done = program.run("init", "--platform", "none", *app, *credentials, *suites)
    assert done.returncode == 0, done.stderr
    assert "fill in" not in done.stdout
    done = program.run("gate", GATEKEEPER_CLIENT_SECRET=simulator.client_secret)
    assert done.returncode == code, done.stdout
    assert "2 suites" in done.stdout


@pytest.mark.parametrize("existing", [[CONFIG], [WORKFLOW], [WORKFLOW, CONFIG]])
@pytest.mark.proves("a file that `init` would write exists", "exit 2; nothing is written")
def test_it_overwrites_nothing_and_writes_nothing_beside_a_file_that_exists(
    program: Program, existing: list[str]
) -> None:
    for name in existing:
        put(program.folder, name)
    done = program.run("init", "--platform", "github", *FLAGS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"nothing was written, because {existing[-1]} exists" in done.stderr
    assert files(program.folder) == dict.fromkeys(existing, "mine")


def test_a_dangling_link_counts_as_a_file(program: Program) -> None:
    (program.folder / "Jenkinsfile").touch()
    (program.folder / BY_NAME["jenkins"].beside).symlink_to("elsewhere")
    done = program.run("init", "--platform", "jenkins", *FLAGS)
    assert done.returncode == 2
    assert f"{BY_NAME['jenkins'].beside} exists" in done.stderr
    assert [*files(program.folder)] == ["Jenkinsfile"]


@pytest.mark.proves(
    "a folder in a repository that is a link out of it, while `init` runs",
    "exit code 2, and nothing is written on either side",
)
@pytest.mark.parametrize("link", [".github", ".github/workflows"])
def test_it_follows_no_link_out_of_the_folder(program: Program, tmp_path: Path, link: str) -> None:
    outside, program = tmp_path / "outside", Program(tmp_path / "inside")
    (outside / "workflows").mkdir(parents=True)
    (program.folder / link).parent.mkdir(parents=True)
    (program.folder / link).symlink_to(outside)
    done = program.run("init", "--platform", "github", *FLAGS)
    assert done.returncode == 2
    assert "nothing was written: .github/workflows leads out of this folder" in done.stderr
    assert (files(program.folder), files(outside)) == ({}, {})


@pytest.mark.parametrize(
    "platform", [one for one in PLATFORMS if one.then], ids=lambda platform: platform.name
)
def test_a_platforms_own_file_stays_and_the_job_goes_beside_it_or_is_printed(
    program: Program, platform: JobPlatform
) -> None:
    put(program.folder, platform.path)
    # It also tells which platform it is.
    done = program.run("init", *FLAGS)
    assert done.returncode == 0, done.stderr
    found = files(program.folder)
    assert found.pop(platform.path) == "mine"
    assert found.pop(CONFIG)
    assert [*found] == [platform.beside] * bool(platform.beside)
    assert f"{platform.path} exists" in done.stdout
    job = found.get(platform.beside, done.stdout)
    assert IMAGE in job
    assert SETTINGS["--host"] in job


@pytest.mark.parametrize("name", BY_NAME)
def test_a_dry_run_prints_what_it_would_write_and_writes_nothing(
    program: Program, name: str
) -> None:
    suite = ("--test-suite", "::error::x ##[error]y \x1b[31m \u202e 🙂")
    settings = ("--platform", name, *FLAGS, *suite)
    done = program.run("init", "--dry-run", *settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(program.folder) == {}
    assert program.run("init", *settings).returncode == 0
    for file, text in files(program.folder).items():
        assert f"==> {file} <==\n{text}\n" in done.stdout


def test_a_dry_run_does_not_mind_files_that_exist(program: Program) -> None:
    put(program.folder, CONFIG)
    done = program.run("init", "--dry-run", "--platform", "none", *FLAGS)
    assert done.returncode == 0
    assert files(program.folder) == {CONFIG: "mine"}


def test_whatever_is_missing_is_named_with_its_flag_at_once(program: Program) -> None:
    done = program.run("init")
    assert (done.returncode, done.stdout) == (2, "")
    for flag in ("--platform", "--host", "--stream-id", "--test-suite"):
        assert f": set {flag}" in done.stderr.replace(" to github", "")
    assert files(program.folder) == {}


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--host", "http://u:pass@bots.kore.ai"], "--host: must not contain a user name"),
        (["--host", "\U0001da8c.example"], "--host: contains a line break or another"),
        (["--stream-id", "st 1"], "--stream-id: 'st 1' is not a valid ID"),
        (["--test-suite", "A\nA"], "A is listed twice"),
        (["--test-suite", "A=ctr-1"], "A=ctr-1 attaches to a run"),
        (["--test-suite", "A\u2028B"], "--test-suite: a suite's name must be on one line"),
        (["--user-email", "\udcff"], "--user-email: contains a line break or another"),
        (["--client-id", "s3cr3t-s3cr3t"], "a secret, which does not belong in a file"),
        (["--image", "a b"], "--image: 'a b' is not an image"),
        (["--image", "x'; evil()"], "is not an image"),
        (["--action", "a/b"], "--action: 'a/b' is not an action"),
        (["--action", "a/b@v1", "--image", "a"], "--action and --image are both set"),
        (["--platform", "jenkins", "--action", "a/b@v1"], "--action: only GitHub has actions"),
        (["--platform", "azure", "--comment"], "--comment: the gate can comment only on"),
    ],
)
def test_an_invalid_value_is_refused_with_its_reason(
    program: Program, flags: list[str], problem: str
) -> None:
    settings = [
        word for name, word in SETTINGS.items() if name not in flags for word in (name, word)
    ]
    platform = [] if "--platform" in flags else ["--platform", "github"]
    environ = {"GATEKEEPER_CLIENT_SECRET": "s3cr3t-s3cr3t"}
    done = program.run("init", *platform, *settings, *flags, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert "pass@" not in done.stderr
    assert "s3cr3t" not in done.stderr
    assert files(program.folder) == {}


def test_its_own_image_and_action_need_no_further_change(program: Program) -> None:
    for number, (flags, source) in enumerate(
        [
            (("--action", "acme/gatekeeper@main"), "uses: acme/gatekeeper@main\n"),
            (("--image", "reg.acme.io:5000/a/b:1"), "uses: docker://reg.acme.io:5000/a/b:1\n"),
        ]
    ):
        folder = program.folder / str(number)
        folder.mkdir()
        done = Program(folder).run("init", "--platform", "github", *FLAGS, *flags)
        assert "placeholder" not in done.stdout
        assert source in files(folder)[WORKFLOW]


def test_in_a_subfolder_of_a_repository_it_says_where_to_run_it(program: Program) -> None:
    (program.folder / ".git").mkdir()
    (program.folder / "app").mkdir()
    app = Program(program.folder / "app")
    done = app.run("init", "--platform", "github", *FLAGS)
    assert done.returncode == 2
    assert f"run init in {program.folder}, " in done.stderr
    assert files(program.folder) == {}
    assert app.run("init", "--platform", "none", *FLAGS).returncode == 0
    assert [*files(program.folder)] == [f"app/{CONFIG}"]


@pytest.mark.proves("`init` cannot write all of its files", "exit 2; none is left behind")
def test_where_it_cannot_write_all_of_its_files_it_leaves_none(program: Program) -> None:
    put(program.folder, ".github")
    done = program.run("init", "--platform", "github", *FLAGS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"nothing was written: cannot write {WORKFLOW}: Not a directory" in done.stderr
    assert files(program.folder) == {".github": "mine"}


def on_terminal(
    folder: Path, typed: str, *flags: str, interrupt_at: str = ""
) -> tuple[int, str, str]:
    """Run `init` with these lines typed; return its exit code, its questions, and its output."""
    main, side = pty.openpty()
    with Program(folder).process(
        ["init", *flags],
        {"TERM": "xterm"},
        stdin=side,
        stdout=subprocess.PIPE,
        stderr=side,
        encoding="utf-8",
    ) as running:
        os.close(side)
        os.write(main, typed.encode())

        def react(displayed: str) -> None:
            # Again, in case the first signal came just before Python began to wait for a line.
            if interrupt_at and interrupt_at in displayed:
                running.send_signal(signal.SIGINT)

        shown = read_terminal(main, react)
        assert running.stdout is not None
        return running.wait(timeout=10), shown, running.stdout.read()


def test_on_a_terminal_it_asks_for_what_is_missing_until_it_is_valid(tmp_path: Path) -> None:
    put(tmp_path, ".gitlab-ci.yml")
    lines = ["", "bots kore", "", "  ", "st-1", "cs-1", "", "A=ctr-1", "A=ctr-1", "B", "", "x/y:1"]
    code, shown, printed = on_terminal(tmp_path, "\n".join([*lines, "y", ""]))
    assert code == 0, shown
    found = files(tmp_path)
    assert set(found) == {CONFIG, ".gitlab-ci.yml", ".gitlab/conversation-tests.yml"}
    for line in ('host = "bots.kore.ai"', 'client-id = "cs-1"', 'name = "A=ctr-1"', 'name = "B"'):
        assert f"\n{line}\n" in found[CONFIG]
    for error in ("not a valid host", "this value is required", "already one of the suites"):
        assert f"Error: {error}" in shown or error in shown
    job = found[".gitlab/conversation-tests.yml"]
    assert "GATEKEEPER_COMMENT: always" in job
    assert "secret" not in shown.lower()
    assert "fill in user-email" in printed


@pytest.mark.parametrize(("typed", "interrupt_at", "code"), [("", "Host of", 130), ("\x04", "", 2)])
@pytest.mark.proves("Ctrl-C or Ctrl-D while `init` asks", "nothing is written")
def test_a_cancelled_question_leaves_nothing_behind(
    tmp_path: Path, typed: str, interrupt_at: str, code: int
) -> None:
    ended, shown, printed = on_terminal(
        tmp_path, typed, "--platform", "github", interrupt_at=interrupt_at
    )
    assert (ended, printed) == (code, "")
    assert "Traceback" not in shown
    assert "internal error" not in shown
    assert files(tmp_path) == {}


def test_on_a_terminal_it_asks_nothing_if_nothing_is_missing(tmp_path: Path) -> None:
    code, shown, printed = on_terminal(tmp_path, "", "--platform", "none", *FLAGS)
    assert (code, shown) == (0, "")
    assert printed.startswith(f"wrote {CONFIG}\n")
