"""The rules of an installation, read from where they lie (`places`)."""

from senim.availability.settings import watched
from senim.detection.figures import figures
from senim.detection.internal.building import About
from senim.detection.internal.engine import Engine
from senim.detection.internal.ruleset import Refused, Ruleset, load
from senim.detection.measures import MEASURES
from senim.detection.places import OURS, folders
from senim.kit.instance import Instance


def read(instance: Instance) -> Ruleset:
    """The rules of `instance`, loaded and refused, and what it measures. Never raises for what a rule file holds.

    Raises `BadSettings` for services that cannot be measured as senim.toml names them, and for a payment system without
    its limits.
    """
    found = load(folders(instance), figures(instance))
    found.measures = tuple(MEASURES.values()) if watched(instance).services else ()
    return found


def engine(instance: Instance) -> Engine:
    """What carries out the rules of `instance`."""
    return Engine(read(instance))


__all__ = ["OURS", "About", "Engine", "Refused", "Ruleset", "engine", "folders", "read"]
