"""Founding an instance: folder, settings, secrets, keys and, in a demonstration, certificates."""

import json
import secrets as random
import socket
from pathlib import Path
from unicodedata import category

from cryptography.fernet import Fernet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.crypto import keys
from senim.kit.files import private_folder, write_durably, write_private
from senim.kit.instance import ID_FILE, SETTINGS_FILE, BadSettings, Instance, Profile
from senim.kit.secrets import Database, Secrets, Stream, load, render
from senim.site.certificates import CERTIFIED, certify_demonstration
from senim.site.database.roles import ROLES
from senim.site.embedded.nats import RIGHTS
from senim.site.layout import open_folder_above

_DEMONSTRATION_BUREAU = """\
# One Senim instance. No profile named means production.
profile = "demonstration"

[bureau]
bin = "{bin}"
name = {{ kk = "«Үлгі» кредиттік бюросы", ru = "Кредитное бюро «Үлгі»", en = "Ulgi Credit Bureau" }}

[console]
port = {console}

[stream]
port = {stream}

[asoi]
url = "https://127.0.0.1:{asoi}/messages"
page = "https://127.0.0.1:{page}/"

[[telemetry.sources]]
name = "sshd"
kind = "file"
path = {log}
reads = "sshd"
"""
_PRODUCTION_BUREAU = """\
# One Senim instance. No profile named means production.
# Fill in every empty value; `senim up` names what is still missing.

[bureau]
bin = ""
name = { kk = "", ru = "", en = "" }

[console]
host = "0.0.0.0"
port = 8443
names = []

[asoi]
url = ""
"""
# BIN of a made-up bureau: its check digit is right, its serial number is not in use by form (00000).
_DEMONSTRATION_BIN = "000140000002"


_ORGANISATION = {Profile.DEMONSTRATION: "Senim demonstration bureau", Profile.PRODUCTION: "Credit bureau"}


def found(home: Path, profile: Profile, *, usual_ports: bool = True) -> Instance:
    """Make an instance at `home`: what exists already is left as it is.

    In production keys and certificate requests (`keys/PROCESS/PURPOSE.csr`) are made; the certificates come from the
    bureau's own authorities and from the regulator. `usual_ports=False` lets the demonstration listen on any free
    ports: several can then be founded side by side.
    Raises `BadSettings`, having made nothing, where `home` is a link, has a name that cannot be written down or lies
    where every process may read, and where it holds an instance of another profile;
    `ExposedFile` and `BadSettings` where secrets that exist cannot be used.
    """
    home = home.absolute()
    _raise_if_no_name(home)
    if folder := open_folder_above(home):
        lies = _("{home} lies in {folder}, which every process may read: choose another folder for the instance")
        raise BadSettings(format_lazy(lies, home=home, folder=folder))
    private_folder(home)
    settings = home / SETTINGS_FILE
    if not settings.exists():
        write_durably(settings, _settings(home, profile, usual_ports=usual_ports).encode())
    if not (home / ID_FILE).exists():
        write_durably(home / ID_FILE, random.token_hex(6).encode())
    instance = Instance.load(home)
    if instance.profile is not profile:
        other = _("{settings} is a {found} instance, not a {wanted} one: choose another folder")
        raise BadSettings(format_lazy(other, settings=settings, found=instance.profile, wanted=profile))
    _found_folders(instance)
    _found_secrets(instance)
    _found_keys(instance)
    if profile is Profile.DEMONSTRATION and not instance.trust("ca").exists():
        certify_demonstration(instance)
    return instance


def _raise_if_no_name(home: Path) -> None:
    """Raise `BadSettings` where the folder has a name that cannot be written down, or is not the folder itself."""
    if any(category(letter) in {"Cc", "Cs"} for letter in str(home)):
        raise BadSettings(
            format_lazy(_("{home}: the name holds control characters: choose another"), home=ascii(str(home)))
        )
    if home.is_symlink():
        itself = _("{home} is a link: name the folder itself, {folder}")
        raise BadSettings(format_lazy(itself, home=home, folder=home.resolve()))


def _settings(home: Path, profile: Profile, *, usual_ports: bool) -> str:
    if profile is Profile.PRODUCTION:
        return _PRODUCTION_BUREAU
    console, asoi, stream = (free_port(port if usual_ports else 0) for port in (8443, 9443, 4222))
    return _DEMONSTRATION_BUREAU.format(
        bin=_DEMONSTRATION_BIN,
        log=json.dumps(str(home / "state" / "exercise" / "sshd" / "auth.log"), ensure_ascii=False),
        console=console,
        asoi=asoi,
        page=free_port(asoi + 1),
        stream=stream,
    )


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there on loopback, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def _found_folders(instance: Instance) -> None:
    for name in ("secrets", "secrets/supervisor", "keys", "trust", "trust/regulator", "state", "logs", "run"):
        private_folder(instance.home / name)
    for process in ROLES:
        private_folder(instance.state(process))
    if instance.is_demonstration:
        private_folder(instance.state("exercise") / "sshd")


def _found_secrets(instance: Instance) -> None:
    for process in sorted({*ROLES, *RIGHTS}):
        path = instance.secrets_file(process)
        if path.exists():
            load(instance, process)
            continue
        is_console = process == "console"
        made = Secrets(
            database=Database(ROLES[process], random.token_urlsafe(32)) if process in ROLES else None,
            stream=Stream(process, random.token_urlsafe(32)) if process in RIGHTS else None,
            django_key=random.token_urlsafe(64) if is_console else "",
            factors_key=Fernet.generate_key().decode() if is_console else "",
        )
        write_private(path, render(made))


def _found_keys(instance: Instance) -> None:
    for wanted in CERTIFIED:
        path = instance.key(wanted.process, wanted.purpose)
        if path.exists():
            continue
        key = keys.new_ec() if wanted.kind == "ec" else keys.new_rsa()
        keys.store(path, key)
        asked = keys.request(key, organisation=_ORGANISATION[instance.profile], name=wanted.purpose)
        write_durably(path.with_suffix(".csr"), asked)
    checkpoint = instance.key("sealer", "checkpoint")
    if not checkpoint.exists():
        keys.store(checkpoint, keys.new_ed25519())
    write_durably(instance.home / "trust" / "checkpoint.pub", keys.public_pem(keys.read(checkpoint)))
