"""Names of time zones, as sources have them in senim.toml and frames carry them."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_known(zone: str) -> bool:
    """Whether `zone` is the name of a time zone (IANA); a folder of them (`Asia`) is none."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
