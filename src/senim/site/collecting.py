"""The collector's process: the collector itself, and the prober beside it in a thread of its own.

Both look at the bureau's infrastructure from this machine and write nothing but telemetry; a process more would cost
some seventy megabytes for a few probes a minute. They share
no state: the prober writes a file, the collector follows it.
"""

from senim.availability.prober import prober
from senim.kit.process import Process
from senim.telemetry import collector


def run(process: Process) -> None:
    """Probe and collect until asked to stop. Raises `BadSettings` for a source or a service that cannot be meant."""
    thread = prober.begin(process)
    try:
        collector.run(process)
    finally:
        process.stopping.set()
        if thread is not None:
            thread.join()
