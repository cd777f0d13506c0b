"""Random histories: gates and merges over one folder, compared with a model.

Starts, attempts, crashes, shards, merges, policies and baselines; files that were removed, copied,
mixed or broken. Whatever a gate or a merge finds: it is green only where all that was asked for is
known to have passed, now; and it is green there.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gatekeeper.cli import main
from support.soundness.oracle import Account, merged, truths
from support.soundness.platform import BROKEN, FAILING, STREAM, Killed, Platform

NIGHTLY = os.environ.get("GATEKEEPER_SOUNDNESS") == "nightly"
# Each history is of ten things that happen.
HISTORIES = 10_000 if NIGHTLY else 250
# How many gates and merges were held to the model, by how they ended.
ENDED: Counter[str] = Counter()

FOLDERS = ("shards/1", "shards/2", "kept", "merged")
PIPELINES: tuple[dict[str, str], ...] = (
    {"GITHUB_RUN_ID": "1", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "a"},
    {},
    {"GITHUB_RUN_ID": "2", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "a"},
    {"GITHUB_RUN_ID": "1", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "b"},
)
ENVIRON = {
    "GATEKEEPER_HOST": Platform.host,
    "GATEKEEPER_STREAM_ID": STREAM,
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": "s" * 40,
    "GATEKEEPER_USER_EMAIL": "dev@example.com",
}
_BASELINE = 'baseline = "{baseline}/result.json"\n'
_KNOWN = '[[known-failure]]\nstep = "one"\nreason = "BOT-1"\nuntil = {until}\n'
POLICIES = {
    "strict": "",
    "not blocking": "blocking = false",
    "rate": "min-pass-rate = 60",
    "baseline": _BASELINE,
    "known": _KNOWN.replace("{until}", "2999-01-31"),
    "expired": _KNOWN.replace("{until}", "2001-01-31"),
    "expired and baseline": _BASELINE + _KNOWN.replace("{until}", "2001-01-31"),
}
attempts = st.lists(
    st.one_of(st.just("pass"), st.sampled_from(list(FAILING)), st.sampled_from(BROKEN)),
    min_size=1,
    max_size=3,
)
scripts = st.one_of(
    st.fixed_dictionaries({"Booking": attempts}, optional={"Claims": attempts}),
    st.just({"Booking": ["pass"]}),
    st.just({"Claims": ["pass"]}),
    st.just({"Booking": ["fail one"]}),
)
pipelines = st.sampled_from([0, 0, 0, 1, 2, 3])


class Histories(RuleBasedStateMachine):
    """The folder, what truly lies in it, and the things that happen."""

    @initialize()
    def begin(self) -> None:
        """Begin in an empty folder."""
        self.root = Path(tempfile.mkdtemp(prefix="histories-"))
        self.lying: dict[str, Account] = {}
        self.strays: set[str] = set()

    def teardown(self) -> None:
        """Remove the folder."""
        if hasattr(self, "root"):
            shutil.rmtree(self.root)

    @rule(
        folder=st.sampled_from(FOLDERS),
        script=scripts,
        policy=st.sampled_from(list(POLICIES)),
        baseline=st.sampled_from(FOLDERS[:3]),
        shard=st.booleans(),
        pipeline=pipelines,
        killed=st.sampled_from([False] * 9 + [True]),
        reports=st.sampled_from(["result", "result", "junit,result,summary,badge", ""]),
    )
    def gate(  # noqa: PLR0913 - what a gate depends on
        self,
        *,
        folder: str,
        script: dict[str, list[str]],
        policy: str,
        baseline: str,
        pipeline: int,
        reports: str,
        shard: bool,
        killed: bool,
    ) -> None:
        """Run a gate, and hold how it ends to the truth of its suites."""
        toml = POLICIES[policy].replace("{baseline}", baseline)
        (self.root / "gatekeeper.toml").write_text(toml, encoding="utf-8")
        # All suites may be tried as often as the longest script says.
        length = max(map(len, script.values()))
        script = {suite: [*tries, *tries[-1:] * 2][:length] for suite, tries in script.items()}
        Platform.script = {suite: list(tries) for suite, tries in script.items()}
        Platform.killed, Platform.last = killed, ""
        part = f"{folder[-1]}/2" if shard and folder.startswith("shards") else ""
        arguments = ["gate", "--report-dir", folder, "--retries", str(length - 1)]
        arguments += ["--parallel", "1", "--reports", reports or "junit,result,page,summary,badge"]
        arguments += [f"--test-suite={suite}" for suite in script]
        arguments += ["--shard", part] if part else []
        earlier = self.lying.pop(folder, None)
        code = self.run(arguments, pipeline)
        if "baseline" in policy and (baseline == folder or self._broken(baseline)):
            assert code == 2
            if baseline == folder:
                # What it was to judge by is still there.
                self.lying |= {folder: earlier} if earlier else {}
            else:
                self.lying[folder] = Account(green=False, pipeline=pipeline, shard=part)
            return
        if killed:
            assert code is None
            assert not (self.root / folder / "result.json").exists()
            return
        ended = truths(script, policy, self.lying.get(baseline))
        green = all(truth.green for truth in ended.values())
        saved = self._saved(folder)
        assert (code == 0) == green, (code, ended, script, policy, saved)
        assert (code == 1) == any(truth.failed for truth in ended.values()), (code, ended, script)
        ids = [one["test_run_id"] for run in saved["runs"] for one in (run, *run["earlier"])]
        self.lying[folder] = Account(
            green,
            pipeline,
            part,
            tuple(filter(None, ids)),
            tuple(script),
            {suite: truth.failing for suite, truth in ended.items() if truth.failed},
            {suite: truth.failing for suite, truth in ended.items() if truth.green},
        )

    @rule(
        one=attempts,
        two=st.just(["pass"]) | attempts,
        policy=st.sampled_from(["strict", "known"]),
        between=st.sampled_from(
            ["", "", "cut", "verdict", "case", "run", "copy", "stray", "twice"]
        ),
        again=pipelines,
    )
    def shards(
        self, *, one: list[str], two: list[str], policy: str, between: str, again: int
    ) -> None:
        """Run both shards of a plan and merge them, whatever happens in between."""
        for number, script in ((1, {"Booking": one}), (2, {"Claims": two})):
            self.gate(
                folder=f"shards/{number}",
                script=script,
                policy=policy,
                baseline="kept",
                pipeline=0,
                reports="result",
                shard=True,
                killed=False,
            )
        if between in ("cut", "verdict", "case", "run"):
            self.spoil("shards/2", between)
        elif between == "copy":
            self.copy("shards/1", "shards/2")
        elif between == "stray":
            self.stray("shards")
        places = ["shards/1", "shards/2", "shards/2"] if between == "twice" else ["shards"]
        self.merge(places, None, again)

    @rule(
        places=st.sampled_from(
            [["shards"], ["shards/1", "shards/2"], ["kept"], ["kept", "shards/1"], ["kept", "kept"]]
        ),
        shards=st.sampled_from([None, None, 1, 2]),
        pipeline=pipelines,
    )
    def merge(self, places: list[str], shards: int | None, pipeline: int) -> None:
        """Merge report folders, and hold how it ends to the truth of what lies in them."""
        arguments = ["merge", *places, "--report-dir", "merged", "--reports", "result"]
        arguments += ["--shards", str(shards)] if shards else []
        self.lying.pop("merged", None)
        code = self.run(arguments, pipeline)
        folders = places
        if places == ["shards"] and (self.root / "shards").is_dir():
            there = sorted((self.root / "shards").iterdir())
            folders = [f"shards/{path.name}" for path in there if path.is_dir()] or ["shards"]
        parts = [self.lying.get(folder) for folder in folders]
        green = merged(parts, pipeline, shards) and not self.strays & {*places, *folders}
        assert (code == 0) == green, (code, parts, self.strays, self._saved("merged"))
        ids = tuple(one for part in parts if part for one in part.ids)
        suites = tuple(one for part in parts if part for one in part.suites)
        self.lying["merged"] = Account(green, pipeline, "", ids, suites)

    @rule(source=st.sampled_from(FOLDERS[:3]), copied_to=st.sampled_from(FOLDERS))
    def copy(self, source: str, copied_to: str) -> None:
        """Find the reports of one folder in another one as well."""
        if source != copied_to and (self.root / source).is_dir():
            shutil.rmtree(self.root / copied_to, ignore_errors=True)
            shutil.copytree(self.root / source, self.root / copied_to)
            self.lying.pop(copied_to, None)
            self.lying |= {copied_to: self.lying[source]} if source in self.lying else {}
            self.strays -= {copied_to}
            self.strays |= {copied_to} if source in self.strays else set()

    @rule(folder=st.sampled_from(FOLDERS), all_of_it=st.booleans())
    def remove(self, folder: str, *, all_of_it: bool) -> None:
        """Lose a folder, or the result in it."""
        self.lying.pop(folder, None)
        if all_of_it:
            shutil.rmtree(self.root / folder, ignore_errors=True)
            self.strays -= {folder}
        else:
            (self.root / folder / "result.json").unlink(missing_ok=True)

    @rule(folder=st.sampled_from(FOLDERS), how=st.sampled_from(["cut", "verdict", "case", "run"]))
    def spoil(self, folder: str, how: str) -> None:
        """Have a result that no gate could have written."""
        path = self.root / folder / "result.json"
        if folder not in self.lying or not self.lying[folder].sound:
            return
        saved = self._saved(folder)
        text = json.dumps(saved)
        if how == "cut":
            path.write_text(text[: len(text) // 2], encoding="utf-8")
        elif how == "verdict" and not self.lying[folder].green:
            path.write_text(json.dumps(saved | {"verdict": "passed", "exit_code": 0}), "utf-8")
        elif how == "case" and saved["runs"][0]["cases"]:
            saved["runs"][0]["cases"].pop()
            path.write_text(json.dumps(saved), encoding="utf-8")
        elif how == "run" and saved["runs"][0]["verdict"] in ("passed", "failed"):
            saved["runs"] *= 2
            path.write_text(json.dumps(saved), encoding="utf-8")
        else:
            return
        self.lying[folder] = self.lying[folder]._replace(sound=False)

    @rule(folder=st.sampled_from(["shards", "kept"]))
    def stray(self, folder: str) -> None:
        """Find something where only report folders should be, or one in a report folder."""
        if folder == "shards" and (self.root / folder).is_dir():
            (self.root / folder / "notes.txt").write_text("x", encoding="utf-8")
            self.strays.add(folder)
        elif folder in self.lying:
            inner = self.root / folder / "inner"
            inner.mkdir(exist_ok=True)
            shutil.copy(self.root / folder / "result.json", inner)
            self.strays.add(folder)

    def run(self, arguments: Sequence[str], pipeline: int) -> int | None:
        """Run the program in the folder; `None` where it was killed."""
        environ = ENVIRON | PIPELINES[pipeline]
        code: int | None = None
        with (
            contextlib.chdir(self.root),
            mock.patch.dict(os.environ, environ, clear=True),
            mock.patch("gatekeeper.commands.gate.Transport", Platform),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()) as errors,
            contextlib.suppress(Killed),
        ):
            code = main(arguments)
        assert "internal error" not in errors.getvalue()
        ENDED[f"{arguments[0]}: exit {code}"] += 1
        return code

    def _broken(self, folder: str) -> bool:
        return folder in self.lying and not self.lying[folder].sound

    def _saved(self, folder: str) -> Any:
        return json.loads((self.root / folder / "result.json").read_text(encoding="utf-8"))


@pytest.mark.proves(
    "random histories of gates: attempts, crashes, shards, merges, baselines; files removed, "
    "copied or corrupted",
    "green exactly when the model says so",
)
def test_no_history_makes_a_gate_green_that_should_not_be(
    say_held: Callable[[str], None],
) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=10,
            deadline=None,
            derandomize=not NIGHTLY,
            suppress_health_check=list(HealthCheck),
        ),
    )
    say_held(f"{HISTORIES:,} histories: {dict(sorted(ENDED.items()))}")
    # Both kinds of end were seen, so that the property says something.
    for end in ("gate: exit 0", "gate: exit 1", "gate: exit 3", "merge: exit 0", "merge: exit 3"):
        assert ENDED[end], ENDED
