"""The secrets of one process: written once by `senim init`, read by that process alone."""

import tomllib

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.files import read_private
from senim.kit.instance import BadSettings, Instance
from senim.kit.misfit import in_words


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who this process is to PostgreSQL."""

    role: str
    password: str


class Stream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who this process is to NATS."""

    user: str
    password: str


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that one process knows and others must not."""

    database: Database | None = None
    stream: Stream | None = None
    django_key: str = ""
    """Signs sessions and CSRF tokens; the console's alone."""
    factors_key: str = ""
    """Fernet key under which second factors are kept at rest; the console's alone."""
    feed_key: str = ""
    """Under which the event feed hashes what must not be read; the feed's alone."""
    mail_password: str = ""
    """What the bureau's mail server asks for; the worker's alone, as the next two."""
    sms_token: str = ""
    """What the SMS gateway asks for."""
    webhook_key: str = ""
    """Under which webhooks are signed."""
    token_pin: str = ""
    """What the token with the message signing key asks for; the regulator channel's alone."""


_WORDS = ("django_key", "factors_key", "feed_key", "mail_password", "sms_token", "webhook_key", "token_pin")


def load(instance: Instance, process: str) -> Secrets:
    """The secrets of `process`.

    Raises `BadSettings` where the file is missing or broken, `ExposedFile` where others may read it.
    """
    path = instance.secrets_file(process)
    try:
        return msgspec.convert(tomllib.loads(read_private(path).decode()), Secrets)
    except FileNotFoundError:
        raise BadSettings(format_lazy(_("{} is missing"), path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(format_lazy(_("{path} is not readable TOML: {error}"), path=path, error=error)) from error
    except msgspec.ValidationError as error:
        raise BadSettings(format_lazy("{path}: {said}", path=path, said=in_words(error))) from error


def render(secrets: Secrets) -> bytes:
    """`secrets` as the TOML that `load` reads."""
    lines = [f'{name} = "{value}"' for name in _WORDS if (value := getattr(secrets, name))]
    for table in ("database", "stream"):
        if (struct := getattr(secrets, table)) is not None:
            lines += [f"[{table}]", *(f'{k} = "{v}"' for k, v in msgspec.structs.asdict(struct).items())]
    return ("\n".join(lines) + "\n").encode()
