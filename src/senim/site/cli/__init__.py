"""The `senim` command. Every command has `--json` where it tells something, and says by its exit code how it went."""

from senim.site.cli.main import main

__all__ = ["main"]
