"""The `senim` command. Every command has `--json` where it tells something, and says by its exit code how it went."""

import gc

# Reading modules makes hundreds of thousands of objects and hardly any garbage: not looked through for it every time.
gc.set_threshold(100_000, 20, 20)

from senim.site.cli.main import main  # noqa: E402 - read under that threshold

__all__ = ["main"]
