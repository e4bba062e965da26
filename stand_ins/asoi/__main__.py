"""`python -m stand_ins.asoi init|serve --home DIR`."""

import argparse
import sys
from pathlib import Path

from stand_ins.asoi import keys


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m stand_ins.asoi")
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make keys and certificate requests")
    init.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    keys.init(arguments.home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
