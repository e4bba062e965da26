"""`python -m stand_ins.decoy --port N --security-log FILE [--access-log FILE] [--behind-proxy]`."""

import argparse
import sys
import threading
from pathlib import Path

from stand_ins.decoy.logs import Logs
from stand_ins.decoy.server import HOST, Decoy


def main() -> None:
    """Serve until standard input ends: the decoy never outlives whoever started it."""
    parser = argparse.ArgumentParser(prog="stand_ins.decoy", description="A deliberately vulnerable application.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--security-log", type=Path, required=True, help="what the application itself notices")
    parser.add_argument("--access-log", type=Path, help="every request as nginx logs it, where no nginx does")
    parser.add_argument("--behind-proxy", action="store_true", help="believe X-Real-IP")
    given = parser.parse_args()
    decoy = Decoy(given.port, Logs(given.security_log, given.access_log), behind_proxy=given.behind_proxy)
    threading.Thread(target=decoy.serve_forever, daemon=True).start()
    sys.stdout.write(f"serving at http://{HOST}:{decoy.server_port}/\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
