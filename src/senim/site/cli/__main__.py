"""`python -m senim.site.cli`: the same as `senim`."""

from senim.site.cli.main import main

main()
