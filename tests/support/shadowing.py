"""What a job's environment may do to any Python program: variables, and modules in its folders."""

from collections.abc import Iterable
from pathlib import Path

SHADOW = "shadowed"
# Standard modules and packages that the program imports, sooner or later.
MODULES = (
    *("base64", "click", "datetime", "difflib", "enum", "functools", "html", "jinja2", "json"),
    *("jwt", "msgspec", "pathlib", "queue", "random", "requests", "secrets", "signal", "tempfile"),
    *("threading", "typing", "urllib3", "uuid"),
)


# Python imports some of the others to start a module (`-m`), before anything of that.
AFTER_START = (
    "click",
    "html",
    "jinja2",
    "jwt",
    "msgspec",
    "queue",
    "requests",
    "secrets",
    "typing",
)


def shadow_modules(folder: Path, modules: Iterable[str] = MODULES) -> None:
    """Write modules that end the program with exit code 1 when it imports them."""
    for module in modules:
        (folder / f"{module}.py").write_text(f"raise SystemExit('{SHADOW} {module}')\n", "utf-8")


def hostile_variables(folder: Path) -> dict[str, str]:
    """Return variables for another Python; `folder` contains modules."""
    startup = folder / "startup.py"
    return {
        "PYTHONHOME": "/nonexistent",
        "PYTHONINSPECT": "1",
        "PYTHONIOENCODING": "no-encoding",
        "PYTHONOPTIMIZE": "2",
        "PYTHONPATH": str(folder),
        "PYTHONSTARTUP": str(startup),
        "PYTHONWARNINGS": "error",
    }
