"""`python -m stand_ins.payments COMMAND --home DIR`."""

import sys

from stand_ins.payments.cli import main

if __name__ == "__main__":
    sys.exit(main())
