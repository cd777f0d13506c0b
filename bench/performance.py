"""Renew the figures in `docs/explanation/performance.md`, and its plot, by running every benchmark.

    python bench/performance.py [--short]

Only the text between the marks of each benchmark is replaced. With `--short` nothing is written; it
shows that all of this works.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from io import StringIO

import growth
import image
import large
import many
import matplotlib as mpl
import polling
import start
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measuring import ROOT, Measure, Section, Table, Target, main

PAGE = ROOT / "docs" / "explanation" / "performance.md"
PLOT = ROOT / "docs" / "explanation" / "growth.svg"
TIME, MEMORY = "#0b57c0", "#b97714"


def machine(*, short: bool) -> Section:  # noqa: ARG001 - as all benchmarks
    """Return the machine that it was measured on."""
    rows = [
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("System", f"{platform.system()}, {platform.machine()}"),
        ("Processors", f"{os.cpu_count()}"),
    ]
    return Section([Table(("Measured on", ""), rows)])


def drawn(series: Sequence[growth.Series]) -> str:
    """Draw time and memory against steps and against runs, as an SVG."""
    # The same figures give the same file, and text stays text.
    mpl.rcParams |= {"svg.hashsalt": "gatekeeper", "svg.fonttype": "none", "font.size": 9}
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(1, len(series))
    for measured, left in zip(series, axes, strict=True):
        left.plot(measured.counts, measured.seconds, "o-", color=TIME)
        left.set_xlabel(f"{measured.what}s")
        left.set_ylabel("seconds", color=TIME)
        right = left.twinx()
        right.plot(measured.counts, measured.memory, "s--", color=MEMORY)
        right.set_ylabel("megabytes", color=MEMORY)
        for axis in (left, right):
            axis.set_ylim(bottom=0)
        left.grid(alpha=0.3)
    picture = StringIO()
    figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    # matplotlib leaves spaces at the ends of lines.
    return "".join(f"{line.rstrip()}\n" for line in picture.getvalue().splitlines())


def renewed(page: str, name: str, section: Section) -> str:
    """Return the page with a section between its marks; raises `ValueError` if there are none."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = page.partition(opening)
    _, found, after = rest.partition(closing)
    if not found:
        raise ValueError(f"{PAGE.name} has no marks for {name}")
    return f"{before}{opening}\n{section.markdown}\n\n{closing}{after}"


def grown(*, short: bool) -> Section:
    """Measure growth, and draw it."""
    series = growth.measure_both(short=short)
    plot = drawn(series)
    if not short:
        PLOT.write_text(plot, encoding="utf-8")
    return growth.section(series)


BENCHMARKS: dict[str, Measure] = {
    "machine": machine,
    "start": start.measure,
    "image": image.measure,
    "large": large.measure,
    "polling": polling.measure,
    "many": many.measure,
    "growth": grown,
}


def measure(*, short: bool) -> Section:
    """Run every benchmark and renew the page after each; return the targets that were missed."""
    missed: list[Target] = []
    for name, benchmark in BENCHMARKS.items():
        section = benchmark(short=short)
        page = renewed(PAGE.read_text(encoding="utf-8"), name, section)
        if not short:
            missed += [target for target in section.targets if not target.is_met]
            PAGE.write_text(page, encoding="utf-8")
    return Section([Table(("Renewed", "targets missed"), [(PAGE.name, f"{len(missed)}")])], missed)


if __name__ == "__main__":
    main(measure, __doc__)
