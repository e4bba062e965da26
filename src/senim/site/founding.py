"""Founding an instance: folder, settings, secrets, keys and, in a demonstration, certificates."""

import json
import re
import secrets as random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from unicodedata import category

from cryptography.fernet import Fernet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.availability.settings import samples_file
from senim.kit.crypto import keys
from senim.kit.files import PRIVATE_FILE, private_folder, write_durably, write_private
from senim.kit.instance import ID_FILE, SETTINGS_FILE, BadSettings, Instance, Profile
from senim.kit.secrets import Database, Secrets, Stream, load, render
from senim.site.certificates import CERTIFIED, certify_demonstration, post
from senim.site.database.roles import ROLES
from senim.site.embedded.nats import RIGHTS
from senim.site.layout import open_folder_above
from senim.site.web import access_log
from senim.telemetry.settings import samples

_USUAL_PORTS = {
    "console": 8443,
    "asoi": 9443,
    "page": 9444,
    "stream": 4222,
    "web": 8080,
    **dict.fromkeys(("payments", "mail", "sms", "webhook", "tsa"), 0),
}
"""Where a demonstration listens if it can; 0 where no port is usual."""
_ANY_PORTS = range(20000, 32768)
"""Below those that outgoing connections are given (ip(7), `ip_local_port_range`): one of them could hold a port that a
house needs at its next start."""
_TRIES = 100

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

[asoi.tsa]
url = "http://127.0.0.1:{tsa}/"
policy = "2.25.257137428513340519264137210437981265327.1"

[[telemetry.sources]]
name = "sshd"
kind = "file"
path = "{home}/state/exercise/sshd/auth.log"
reads = "sshd"

[[telemetry.sources]]
name = "monitor"
kind = "file"
path = "{home}/state/exercise/heartbeat/monitor.jsonl"
reads = "heartbeat"

[[telemetry.sources]]
name = "auditd"
kind = "file"
path = "{home}/state/exercise/auditd/audit.log"
reads = "auditd"

[[telemetry.sources]]
name = "malware"
kind = "file"
path = "{home}/state/malware/findings.jsonl"
reads = "malware"

[[telemetry.sources]]
name = "postgresql"
kind = "file"
path = "{home}/run/database-log/postgresql.json"
reads = "postgresql"

[[telemetry.sources]]
name = "web"
kind = "file"
path = "{home}/state/exercise/web/access.jsonl"
reads = "nginx-json"

[[telemetry.sources]]
name = "decoy"
kind = "file"
path = "{home}/state/exercise/decoy/security.jsonl"
reads = "door"

[[telemetry.sources]]
name = "payments"
kind = "file"
path = "{home}/state/exercise/payments/journal.jsonl"
reads = "payments"

# Whole tiyn: 500 000 and 2 000 000 tenge. The payment stand-in is told the same limits.
[rules]
refund_limit = 50000000
refunds_a_day = 200000000

[payments]
url = "https://127.0.0.1:{payments}"

[[telemetry.doors]]
source = "web"
port = {web}
requests = 100
held = 200

[[malware.folders]]
name = "uploads"
path = "{home}/state/exercise/uploads"

[availability]
exercise_source = "monitor"

[[availability.services]]
name = "console"
title = {{ kk = "Қауіпсіздік консолі", ru = "Консоль безопасности", en = "Console of the security office" }}
probe = "https://127.0.0.1:{console}/en/sign-in/"
ca = "{home}/trust/ca.crt"

[[availability.services]]
name = "regulator-channel"
title = {{ kk = "Уәкілетті органмен байланыс", ru = "Связь с уполномоченным органом", en = "Channel to the regulator" }}
probe = "tcp://127.0.0.1:{asoi}"

[oncall]
console = "https://localhost:{console}"

[oncall.mail]
host = "localhost"
port = {mail}
sender = "senim@ulgi.example"

[oncall.sms]
url = "https://127.0.0.1:{sms}/messages"

[oncall.webhook]
hosts = ["127.0.0.1:{webhook}"]
"""
# What the platform's own processes write about themselves.
_OWN_SOURCES = """
[[telemetry.sources]]
name = "console"
kind = "file"
path = "{home}/state/console/access/access.jsonl"
reads = "door"

[[telemetry.sources]]
name = "meter"
kind = "file"
path = "{home}/state/collector/meter/samples.jsonl"
reads = "meter"

[[telemetry.sources]]
name = "prober"
kind = "file"
path = "{home}/state/collector/heartbeat/samples.jsonl"
reads = "heartbeat"

[[telemetry.doors]]
source = "console"
port = {console}
requests = {requests}
held = 100
probe = "{probe}"
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

[oncall]
console = ""
"""
# A second. Four people are at work, and the machine may be a small one: it must be able to answer twice as many.
_DEMONSTRATION_REQUESTS = 30
# BIN of a made-up bureau: its check digit is right, its serial number is not in use by form (00000).
_DEMONSTRATION_BIN = "000140000002"


_READ_OTHERWISE = re.compile(r"\\|%[0-9A-Fa-f]{2}")
_EXERCISE_LOGS = (
    "auditd/audit.log",
    "decoy/security.jsonl",
    "heartbeat/monitor.jsonl",
    "payments/journal.jsonl",
    "web/access.jsonl",
)
"""What stand-ins and exercises of a demonstration write, for its sources to follow."""
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
    if profile is Profile.DEMONSTRATION:
        if not instance.trust("ca").exists():
            certify_demonstration(instance)
        _tell_post(instance)
    return instance


def _raise_if_no_name(home: Path) -> None:
    """Raise `BadSettings` where the folder has a name that cannot be written down, or is not the folder itself."""
    if any(category(letter) in {"Cc", "Cs"} for letter in str(home)):
        raise BadSettings(
            format_lazy(_("{home}: the name holds control characters: choose another"), home=ascii(str(home)))
        )
    # The library of the event history takes these for parts of an address: it writes in one place and reads in another.
    if found := _READ_OTHERWISE.search(str(home)):
        otherwise = _("{home}: the name holds {found}, which the event history cannot keep apart: choose another")
        raise BadSettings(format_lazy(otherwise, home=home, found=found[0]))
    if home.is_symlink():
        itself = _("{home} is a link: name the folder itself, {folder}")
        raise BadSettings(format_lazy(itself, home=home, folder=home.resolve()))


def _settings(home: Path, profile: Profile, *, usual_ports: bool) -> str:
    written = json.dumps(str(home), ensure_ascii=False)[1:-1]  # as it stands inside the quotes of a TOML string
    if profile is Profile.PRODUCTION:
        return _PRODUCTION_BUREAU + _OWN_SOURCES.format(home=written, console=8443, requests=60, probe="")
    ports = dict(zip(_USUAL_PORTS, free_ports(*_USUAL_PORTS.values(), usual=usual_ports), strict=True))
    return _DEMONSTRATION_BUREAU.format(bin=_DEMONSTRATION_BIN, home=written, **ports) + _OWN_SOURCES.format(
        home=written,
        console=ports["console"],
        requests=_DEMONSTRATION_REQUESTS,
        probe=f"https://127.0.0.1:{ports['console']}/",
    )


def free_ports(*wanted: int, usual: bool = True) -> list[int]:
    """For each `wanted` port that one if nobody listens there on loopback, else any free one; no two are the same.

    For 0, and for each where `usual` is False, it is any free one. Raises `OSError` where there is none.
    """
    with ExitStack() as held:
        return [_held(held, port if usual else 0) for port in wanted]


def _held(held: ExitStack, wanted: int) -> int:
    for port in (wanted, *random.SystemRandom().sample(_ANY_PORTS, _TRIES)):
        probe = held.enter_context(socket.socket())
        with suppress(OSError):
            if port:
                probe.bind(("127.0.0.1", port))
                return port
    raise OSError(f"no free port on 127.0.0.1: {_TRIES} of {_ANY_PORTS.start} to {_ANY_PORTS.stop - 1} were taken")


def _found_folders(instance: Instance) -> None:
    folders = ("secrets", "secrets/supervisor", "keys", "trust", "trust/regulator", "state", "logs", "run", "rules")
    for name in folders:
        private_folder(instance.home / name)
    for process in ROLES:
        private_folder(instance.state(process))
    # There from the start: a confined collector can follow a file only in a folder that it finds. And the file itself:
    # a source that has nothing to say yet is empty, and one that is missing is told.
    for log in (access_log(instance), samples(instance), samples_file(instance)):
        private_folder(log.parent)
        log.touch(mode=PRIVATE_FILE)
    private_folder(instance.state("malware"))
    if instance.is_demonstration:
        for name in ("sshd", "uploads"):
            private_folder(instance.state("exercise") / name)
        for name in _EXERCISE_LOGS:
            private_folder((instance.state("exercise") / name).parent)
            (instance.state("exercise") / name).touch(mode=PRIVATE_FILE)


def _found_secrets(instance: Instance) -> None:
    for process in sorted({*ROLES, *RIGHTS}):
        path = instance.secrets_file(process)
        if path.exists():
            load(instance, process)
            continue
        is_console, is_worker, is_feed = (process == name for name in ("console", "worker", "feed"))
        made = Secrets(
            database=Database(ROLES[process], random.token_urlsafe(32)) if process in ROLES else None,
            stream=Stream(process, random.token_urlsafe(32)) if process in RIGHTS else None,
            django_key=random.token_urlsafe(64) if is_console else "",
            factors_key=Fernet.generate_key().decode() if is_console else "",
            feed_key=random.token_urlsafe(32) if is_feed else "",
            webhook_key=random.token_urlsafe(32) if is_worker else "",
            # In production the gateway says which.
            sms_token=random.token_urlsafe(32) if is_worker and instance.is_demonstration else "",
        )
        write_private(path, render(made))


def _tell_post(instance: Instance) -> None:
    """Let the stand-ins by which people are reached know what the worker shows them, as real ones would be told."""
    known = load(instance, "worker")
    write_private(post(instance) / "sms.token", known.sms_token.encode())
    write_private(post(instance) / "webhook.key", known.webhook_key.encode())


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
