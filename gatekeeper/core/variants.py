"""The variants of a suite: what distinguishes its runs if it runs in several languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gatekeeper.core.model import Run


def with_variants(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return the runs, with the language as the variant of each suite that runs in several."""
    all_runs = tuple(runs)
    variants = variants_of([(run.test_suite, run.language) for run in all_runs])
    return tuple(
        replace(run, variant=variant) if variant else run
        for run, variant in zip(all_runs, variants, strict=True)
    )


def variants_of(suites: Sequence[tuple[str, str | None]]) -> list[str]:
    """Return what distinguishes suites, given with their languages: empty if the name does."""
    languages: dict[str, set[str | None]] = {}
    for name, language in suites:
        languages.setdefault(name, set()).add(language)
    return [language or "" if len(languages[name]) > 1 else "" for name, language in suites]
