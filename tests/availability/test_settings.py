"""Table `[availability]`: what can be measured, and what is a slip."""

import tomllib
from dataclasses import replace

import pytest

from senim.availability.settings import samples_file, watched
from senim.kit.instance import BadSettings, Instance, Profile

WEB = 'name = "web", pushed = "monitor"'


def named(instance: Instance, service: str, *, more: str = "", **parts: object) -> Instance:
    table = tomllib.loads(f"services = [{{ {service} }}]\n{more}")
    return replace(instance, _tables={**instance._tables, "availability": table}, **parts)


def test_the_services_of_a_demonstration_are_measured(instance: Instance) -> None:
    assert {service.name for service in watched(instance).services} == {"console", "regulator-channel"}


def test_a_pushed_service_is_heard_in_its_source_and_in_no_other(instance: Instance) -> None:
    known = watched(named(instance, WEB))
    assert known.heard("web", "monitor") is not None
    assert known.heard("web", "prober") is None
    assert known.heard("other", "monitor") is None


def test_the_service_of_an_exercise_is_heard_in_a_demonstration_only(instance: Instance) -> None:
    marker, more = "exercise-0123456789abcdef", 'exercise_source = "monitor"'
    assert watched(named(instance, WEB, more=more)).heard(marker, "monitor") is not None
    assert watched(named(instance, WEB, more=more, profile=Profile.PRODUCTION)).heard(marker, "monitor") is None
    assert watched(named(instance, WEB)).heard(marker, "monitor") is None


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ('name = "Web", pushed = "monitor"', "a name is"),
        ('name = "exercise-0123456789abcdef", pushed = "monitor"', "no marker"),
        ('name = "web"', "either probe or pushed"),
        ('name = "web", pushed = "monitor", probe = "tcp://a:1"', "either probe or pushed"),
        ('name = "web", pushed = "nobody"', "no telemetry source 'nobody'"),
        ('name = "web", pushed = "sshd"', "no telemetry source 'sshd' reads"),
        ('name = "web", probe = "ftp://a/"', "is no http"),
        ('name = "web", probe = "tcp://a"', "is no http"),
        ('name = "web", probe = "http://a:99999/"', "is no http"),
        ('name = "web", probe = "https://me:secret@a/"', "is no http"),
        ('name = "web", probe = "https://a/", ca = "ca.crt"', "is not absolute"),
        ('name = "web", pushed = "monitor", interval = 0.5', "interval"),
        ('name = "web", pushed = "monitor", often = true', "often"),
    ],
)
def test_a_slip_is_named(instance: Instance, service: str, says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        watched(named(instance, service))


def test_two_services_have_two_names(instance: Instance) -> None:
    with pytest.raises(BadSettings, match="is taken"):
        watched(named(instance, f"{WEB} }}, {{ {WEB}"))


def test_our_prober_s_source_follows_what_it_writes(instance: Instance) -> None:
    sources = [dict(source) for source in instance._tables["telemetry"]["sources"]]
    for source in sources:
        if source["name"] == "prober":
            assert source["path"] == str(samples_file(instance))
            source["path"] = "/var/log/elsewhere.jsonl"
    moved = replace(instance, _tables={**instance._tables, "telemetry": {"sources": sources}})
    with pytest.raises(BadSettings, match="must follow"):
        watched(moved)
