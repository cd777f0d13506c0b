"""The core stays pure: what it imports is looked at, module by module."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "gatekeeper"
CORE = sorted((PACKAGE / "core").rglob("*.py"))
IMPURE = {
    "asyncio", "builtins", "click", "ctypes", "glob", "http", "importlib", "io", "logging",
    "multiprocessing", "os", "pathlib", "platform", "queue", "random", "requests", "secrets",
    "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCK_METHODS = {"now", "today", "utcnow"}


def imported(tree: ast.AST) -> set[str]:
    """Return the names of all modules that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def offences(source: str) -> list[str]:
    """Return what in a module's source is not pure."""
    tree = ast.parse(source)
    found = [name for name in imported(tree) if name.split(".")[0] in IMPURE]
    allowed = ("gatekeeper.core", "gatekeeper.errors")
    ours = (name for name in imported(tree) if name.startswith(("gatekeeper", ".")))
    found += [name for name in ours if not name.startswith(allowed)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
                found.append(f"{called.id}()")
            if isinstance(called, ast.Attribute) and called.attr in CLOCK_METHODS:
                found.append(f".{called.attr}()")
    return found


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_core_imports_no_clock_file_network_environment_or_rim(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from pathlib import Path",
        "import urllib.request",
        "from gatekeeper.kore import client",
        "def f():\n    import os",
        "open('x')",
        "datetime.now()",
    ],
)
def test_an_impure_module_would_be_found(source: str) -> None:
    assert offences(source)


def test_the_simulator_imports_nothing_but_the_standard_library_and_itself() -> None:
    """It judges our client, so it shares nothing with it."""
    for path in (PACKAGE / "simulator").rglob("*.py"):
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            assert not name.startswith("gatekeeper") or name.startswith("gatekeeper.simulator")
            assert name.split(".")[0] not in {"requests", "jwt", "msgspec", "click", "backoff"}
