"""What an answer says is held against what is known, by the real program."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gatekeeper.simulator import Fault, Simulator
from support.builders import Json, assertion, finished, greeting, response, step, text
from support.program import Program


def changed(change: Callable[[Json], object]) -> Json:
    answer = finished(greeting(), greeting())
    change(answer)
    return answer


def with_kind(held: Any) -> Json:
    def change(answer: Json) -> None:
        [*_, last] = answer["result"]["executionResults"]
        last["outputs"][0]["assertions"]["sentiment"] = held

    return changed(change)


def silent() -> Json:
    return finished(greeting(), step("hi", response("Hi!")) | {"actualOutput": []})


def short() -> Json:
    one = step("hi", response("Hi!", text=text("Hi!")), response("Bye!", text=text("Bye!")))
    one["actualOutput"].pop()
    return finished(greeting(), one)


def skipped() -> Json:
    one = step("bye", response("", text=assertion(status=None)), status="notexecuted")
    return finished(one, one, status="completed")


ACCEPTING = {
    "nothing-executed": skipped(),
    "failed-in-a-list": with_kind(["failed"]),
    "failed-in-rules": with_kind({"rules": [{"status": "failed"}]}),
    "failed-by-result": with_kind({"isEnabled": True, "result": "failed"}),
    "failed-in-an-item": with_kind({"enabled": True, "contains": [{"Status": "failed"}]}),
    "deep": changed(lambda answer: answer.update(new=json.loads("[" * 300 + "]" * 300))),
}
PLAIN = {
    "response-never-came": (short(), "[contradiction] response 2 is missing"),
    "no-response-at-all": (
        silent(),
        "[contradiction] the step passed, but the bot sent no response",
    ),
    "no-version": (
        changed(lambda answer: answer["result"].pop("version")),
        "[missing-status] its result has no version",
    ),
}


def judged(program: Program, answers: dict[str, str], *arguments: str) -> dict[str, Json]:
    files = []
    for name, body in answers.items():
        files.append(str(program.folder / f"{name}.json"))
        (program.folder / f"{name}.json").write_text(body, encoding="utf-8")
    done = program.run("check", *arguments, *files)
    assert done.returncode in (1, 3), done.stdout
    runs = json.loads(program.report("result.json"))["runs"]
    return {run["test_suite"]: run for run in runs}


def test_no_acceptance_makes_these_answers_green(program: Program) -> None:
    answers = {name: json.dumps(answer) for name, answer in ACCEPTING.items()}
    pad = json.dumps(["x" * 1_000_000] * 5)
    answers["name-twice-beside-a-pad"] = json.dumps(finished(greeting())).replace(
        '"status":', f'"pad": {pad}, "status": "failed", "status":', 1
    )
    accept = "counters,missing-status,unknown-state,not-evaluated,contradiction,not-executed"
    runs = judged(program, answers, "--accept", f"{accept},version")
    verdicts = {name: run["verdict"] for name, run in runs.items()}
    failed = {name for name in answers if name.startswith("failed")}
    assert verdicts == {name: "failed" if name in failed else "error" for name in answers}
    [deep] = runs["deep"]["reasons"]
    assert deep.startswith("malformed response: nested too deeply")
    [twice] = runs["name-twice-beside-a-pad"]["reasons"]
    assert "'status' occurs twice in one object" in twice


def test_what_is_missing_or_contradicts_itself_is_an_error_with_its_name(program: Program) -> None:
    answers = {name: json.dumps(answer) for name, (answer, _) in PLAIN.items()}
    runs = judged(program, answers)
    for name, (_, reason) in PLAIN.items():
        cases = [text for case in runs[name]["cases"] for text in case["reasons"]]
        told = [*runs[name]["reasons"], *cases]
        assert runs[name]["verdict"] == "error"
        assert any(text.startswith(reason) for text in told), told


def test_an_answer_that_does_not_say_what_it_is_about_warns(program: Program) -> None:
    body = json.dumps(finished(greeting()) | {"_id": None, "streamId": ""})
    done = program.feed(body, "check", "-")
    assert done.returncode == 0
    [run] = json.loads(program.report("result.json"))["runs"]
    assert [name for name in ("_id", "streamId") if name in " ".join(run["warnings"])] == [
        "_id",
        "streamId",
    ]


def version_of(program: Program) -> Any:
    [run] = json.loads(program.report("result.json"))["runs"]
    return run["bot_version"]


@pytest.mark.parametrize(
    ("arguments", "environ", "code"),
    [
        ((), {}, 0),
        ((), {"INPUT_BOT-VERSION": "published"}, 0),
        ((), {"GATEKEEPER_BOT_VERSION": "published"}, 0),
        (("--bot-version", "published"), {}, 3),
        (("--bot-version", "inDevelopment"), {}, 0),
        (("--bot-version", "published", "--accept", "version"), {}, 0),
        (("--bot-version", "published", "--accept", "contradiction"), {}, 3),
    ],
)
def test_a_version_that_somebody_chose_holds_for_a_run_that_is_attached_to(
    program: Program, arguments: tuple[str, ...], environ: dict[str, str], code: int
) -> None:
    with Simulator(speed=1000) as simulator:
        answer = finished(greeting()) | {"_id": None, "streamId": None}
        answer["result"]["version"] = "configured"
        simulator.add_suite("Suite", answer)
        run_id = simulator.start("Suite")
        known = simulator.environment(suite=f"Suite={run_id}")
        done = program.run(*arguments, **(known | environ))
    assert done.returncode == code, done.stdout
    assert version_of(program) == "inDevelopment"
    assert ("[version] expected version published" in done.stdout) is ("published" in arguments)


@pytest.mark.parametrize(("version", "code"), [("published", 3), ("inDevelopment", 0)])
def test_the_version_of_the_file_holds_for_a_run_that_is_attached_to(
    program: Program, version: str, code: int
) -> None:
    (program.folder / "gatekeeper.toml").write_text(f'bot-version = "{version}"\n')
    with Simulator(speed=1000) as simulator:
        answer = finished(greeting()) | {"_id": None, "streamId": None}
        answer["result"]["version"] = "configured"
        simulator.add_suite("Suite", answer)
        run_id = simulator.start("Suite")
        done = program.run(**simulator.environment(suite=f"Suite={run_id}"))
    assert done.returncode == code, done.stdout


def test_a_version_word_that_nobody_knows_is_an_error_that_says_how_to_accept_it(
    program: Program,
) -> None:
    with Simulator(speed=1000) as simulator:
        answer = finished(greeting()) | {"_id": None, "streamId": None}
        answer["result"]["version"] = "released"
        simulator.add_suite("Suite", answer)
        environ = simulator.environment(suite="Suite")
        done = program.run(**environ)
        assert done.returncode == 3
        assert "set accept = version" in done.stdout
        assert program.run("--accept", "version", **environ).returncode == 0


@pytest.mark.parametrize(("announced", "code"), [(2, 3), (1, 0)])
def test_fewer_steps_at_the_end_than_were_announced_are_no_verdict(
    program: Program, announced: int, code: int
) -> None:
    going_on = {"status": "inprogress", "totalTestStepsCount": announced, "percentageCompleted": 90}
    fault = Fault("status", status=200, body=json.dumps(going_on))
    with Simulator(speed=1000, faults=[fault]) as simulator:
        simulator.add_suite("Suite", finished(greeting()) | {"_id": None, "streamId": None})
        done = program.run(**simulator.environment(suite="Suite"))
    assert done.returncode == code, done.stdout
    fewer = "[counters] 2 steps were reported while the run was in progress"
    assert (fewer in done.stdout) is (code == 3)


def test_a_rate_below_one_percent_is_asked_about(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text("min-pass-rate = 0.95\n")
    done = program.run("config")
    assert done.returncode == 2
    assert "did you mean 95?" in done.stdout + done.stderr
