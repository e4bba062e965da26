"""Whom the ports believe.

Clauses: R228/81-13 (the lowest version of TLS).
"""

import ssl

from senim.asoi.terms import LOWEST_TLS
from senim.kit.instance import Instance


def tls_context(instance: Instance) -> ssl.SSLContext:
    """TLS to a mail server or gateway: certified by an authority of this machine, or by the bureau's own."""
    context = ssl.create_default_context()
    if instance.trust("ca").exists():
        context.load_verify_locations(instance.trust("ca"))
    # R228/81-13: nothing below the version that the law fixes.
    context.minimum_version = LOWEST_TLS
    return context
