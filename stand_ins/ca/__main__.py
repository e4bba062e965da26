"""`python -m stand_ins.ca --ca OUT [REQUEST USAGE OUT] …`: issue certificates for requests, in one go.

USAGE is `tls-server`, `tls-client`, `signing`, `encryption` or `time-stamping`. Exit 0 and silence, or a reason and
exit 2.
"""

import argparse
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from stand_ins.ca.issue import USAGES, Authority


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m stand_ins.ca", description=__doc__)
    parser.add_argument("--ca", type=Path, required=True, help="where the CA's own certificate goes")
    parser.add_argument("words", nargs="+", metavar="REQUEST USAGE OUT")
    arguments = parser.parse_args()
    orders = list(zip(*[iter(arguments.words)] * 3, strict=False))
    if len(arguments.words) % 3:
        parser.error("orders are three words each: REQUEST USAGE OUT")
    authority = Authority.fresh()
    for request, usage, out in orders:
        if usage not in USAGES:
            parser.error(f"{usage!r} is not a usage: {', '.join(USAGES)}")
        certificate = authority.issue(x509.load_pem_x509_csr(Path(request).read_bytes()), usage)
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        _write(Path(out), certificate)
    arguments.ca.parent.mkdir(parents=True, exist_ok=True)
    _write(arguments.ca, authority.certificate)
    return 0


def _write(path: Path, certificate: x509.Certificate) -> None:
    """For everybody to read and nobody else to change, whatever the umask."""
    path.touch(mode=0o644)
    path.write_bytes(certificate.public_bytes(Encoding.PEM))


if __name__ == "__main__":
    sys.exit(main())
