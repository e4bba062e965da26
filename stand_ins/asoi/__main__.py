"""`python -m stand_ins.asoi COMMAND --home DIR`."""

import sys

from stand_ins.asoi.cli import main

if __name__ == "__main__":
    sys.exit(main())
