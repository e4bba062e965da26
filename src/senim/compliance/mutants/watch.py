"""Loaded by pytest in the copy that lacks a check: tells a test that notices from a program that merely falls over.

A check's removal may leave a name unset or a value `None`, and the test that stumbles over it has shown nothing about
the check. Noticed is: a test failed in its own body, by anything but a slip of the program. What fell over inside
another process is told by an assertion of the test that waited for it; that cannot be told apart here.

This file is copied, so it imports nothing of ours.
"""

from collections.abc import Generator

import pytest

NOTICED = 10
"""The exit code of a run in which a test noticed; it ended there."""
MOST_CRASHES = 60
"""A run in which so many tests fell over is given up."""
_SLIPS = (AttributeError, ImportError, IndexError, KeyError, NameError, RecursionError, SyntaxError, TypeError)
_noticed: list[str] = []
_crashed: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """End the run where a test noticed."""
    report = yield
    if not report.failed or call.excinfo is None:
        return report
    if call.when == "call" and not call.excinfo.errisinstance(_SLIPS):
        _noticed.append(item.nodeid)
        item.session.shouldstop = "a test noticed"
    else:
        _crashed.append(item.nodeid)
        if len(_crashed) >= MOST_CRASHES:
            item.session.shouldstop = "the tests fall over"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell by the exit code."""
    if _noticed:
        session.exitstatus = NOTICED
