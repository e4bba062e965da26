"""One target under libFuzzer: `python -m tests.fuzz.run NAME [libFuzzer's options] CORPUS`. Never returns."""

import sys

import atheris

with atheris.instrument_imports(include=["senim"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
