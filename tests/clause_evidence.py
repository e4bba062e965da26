"""A pytest plugin: leaves on record what every marked test did, and on which tree (`build/clause-evidence.json`).

`senim clauses` reads the record; it counts for exactly the sources that were there from the run's start to its end.
"""

from collections.abc import Generator
from pathlib import Path

import pytest

from senim.compliance import record
from senim.compliance.record import Outcome, Result
from senim.compliance.tree import Tree


class ClauseEvidence:
    """Watches marked tests from set-up to teardown and writes what they showed."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.fingerprint = tree.fingerprint()
        self.results: dict[str, Result] = {}
        self.told = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note how one phase of a marked test ended; the worst phase is the test's end."""
        report = yield
        clauses = sorted({str(number) for marker in item.iter_markers("clause") for number in marker.args})
        if clauses:
            before = self.results.get(item.nodeid)
            ends = [outcome_of(report), *([before.outcome] if before else [])]
            worst = next(outcome for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.PASSED) if outcome in ends)
            refusal = item.get_closest_marker("refusal") is not None
            self.results[item.nodeid] = Result(item.nodeid, worst, tuple(clauses), refusal)
        return report

    def pytest_sessionfinish(self) -> None:
        """Write the record, unless the sources changed while the tests ran."""
        if not self.results:
            return
        if self.tree.fingerprint() != self.fingerprint:
            self.told = "clause evidence: NOT recorded, the sources changed while the tests ran"
            return
        record.add(self.tree, self.fingerprint, self.results.values())
        self.told = f"clause evidence: {len(self.results)} marked tests on record for tree {self.fingerprint[:12]}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written."""
        if self.told:
            terminalreporter.write_line(self.told)


def outcome_of(report: pytest.TestReport) -> Outcome:
    """How a phase ended. What was expected to fail shows nothing, however it ended."""
    return Outcome.SKIPPED if hasattr(report, "wasxfail") else Outcome(report.outcome)


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    if getattr(config.option, "numprocesses", None):
        return  # the workers watch
    config.pluginmanager.register(ClauseEvidence(Tree.at(Path(__file__).parents[1])), "clause-evidence")
