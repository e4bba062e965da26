"""What the law fixes for the regulator channel, by name."""

import ssl

from senim.clauses.figures import Version
from senim.clauses.registry import figure

_TLS = figure("R228/81-13", "tls", Version)
LOWEST_TLS = ssl.TLSVersion[f"TLSv{'_'.join(map(str, _TLS.parts))}"]
"""No connection to the regulator below it."""
