"""The house as the doctor must know it: where its door is, which files are whose, where it writes."""

from pathlib import Path

from senim.doctor.house import Door, House
from senim.kit.instance import Instance
from senim.site.certificates import CERTIFIED
from senim.site.database.roles import ROLES
from senim.site.embedded.nats import RIGHTS
from senim.site.embedded.place import engine_home
from senim.site.web import console_settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a listener on all addresses is reached by


def house_of(instance: Instance) -> House:
    """`instance`, described."""
    engines = engine_home(instance)
    written = [instance.home, instance.home / "logs", instance.home / "state"]
    return House(
        door=_door(instance),
        private=tuple(_private(instance)),
        certificates=(instance.certificate("console", "door-tls"), instance.trust("ca")),
        folders=(*written, *([engines] if engines.exists() else [])),
        noted=instance.home / "run",
    )


def _door(instance: Instance) -> Door:
    console = console_settings(instance)
    name = (console.names or ["localhost"])[0]
    return Door(_EVERYWHERE.get(console.host, console.host), console.port, name, instance.trust("ca"))


def _private(instance: Instance) -> list[Path]:
    keys = [instance.key(wanted.process, wanted.purpose) for wanted in CERTIFIED]
    secrets = [instance.secrets_file(process) for process in sorted({*ROLES, *RIGHTS})]
    return [*keys, instance.key("sealer", "checkpoint"), *secrets]
