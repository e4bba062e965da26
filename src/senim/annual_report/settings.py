"""Table `[annual_report]` of senim.toml."""

from typing import Annotated

import msgspec

from senim.kit.instance import Instance

FIRST_YEAR = 2024
"""The year of the amendment that asks for it (Resolution 59); no earlier one is composed."""


class AnnualReportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[annual_report]`."""

    first_year: Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=9999)] | None = None
    """The first year that this house owes; none said: that of the first row of its audit log."""


def annual_report_settings(instance: Instance) -> AnnualReportSettings:
    """Table `[annual_report]`. Raises `BadSettings`."""
    return instance.section("annual_report", AnnualReportSettings)
