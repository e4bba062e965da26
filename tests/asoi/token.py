"""A token made of software (SoftHSM) in a folder, with an EC key that was made on it."""

import os
import subprocess
from pathlib import Path

import pkcs11
from pkcs11.util.ec import encode_named_curve_parameters

from senim.asoi.settings import SigningSettings
from senim.kit import secrets
from senim.kit.files import write_private
from senim.kit.instance import Instance

MODULE = next((str(path) for path in Path("/usr/lib").glob("**/libsofthsm2.so")), "/usr/lib/softhsm/libsofthsm2.so")
PIN = "228081"
CURVES = {"message": "1.2.840.10045.3.1.7", "wide": "1.3.132.0.34"}
"""Key → its curve: P-256, and one that signs no messages."""


class SoftToken:
    """The token `senim` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.away = folder / "tokens", folder / "away"
        self.folder.mkdir(parents=True)
        self.configuration = folder / "softhsm2.conf"
        self.configuration.write_text(f"directories.tokendir = {self.folder}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(self.configuration)
        words = ("--init-token", "--free", "--label", "senim", "--pin", PIN, "--so-pin", PIN)
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
        library = pkcs11.lib(MODULE)
        library.reinitialize()
        with library.get_token(token_label="senim").open(rw=True, user_pin=PIN) as session:
            for label, curve in CURVES.items():
                named = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
                made = session.create_domain_parameters(pkcs11.KeyType.EC, named, local=True)
                made.generate_keypair(store=True, label=label)

    def go(self) -> None:
        """Unplug it."""
        self.folder.rename(self.away)
        self.folder.mkdir()

    def come_back(self) -> None:
        """Plug it in."""
        self.folder.rmdir()
        self.away.rename(self.folder)

    def settings(self, **other: str) -> SigningSettings:
        named = {"module": MODULE, "token": "senim", "key": "message", **other}
        return SigningSettings(**named, environment={"SOFTHSM2_CONF": str(self.configuration)})

    def name_in(self, instance: Instance, *, pin: str = PIN, **other: str) -> Instance:
        """`instance` as its people would have it use this token."""
        wanted = self.settings(**other)
        path = instance.home / "senim.toml"
        table = f'[asoi.signing]\nmodule = "{wanted.module}"\ntoken = "{wanted.token}"\nkey = "{wanted.key}"\n'
        place = f'files = ["{self.folder.parent}"]\nenvironment = {{ SOFTHSM2_CONF = "{self.configuration}" }}\n\n'
        text = path.read_text()
        path.write_text(text.replace("[asoi.tsa]", f"{table}{place}[asoi.tsa]", 1))
        known = secrets.load(instance, "asoi")
        write_private(instance.secrets_file("asoi"), secrets.render(_with_pin(known, pin)))
        return Instance.load(instance.home)


def _with_pin(known: secrets.Secrets, pin: str) -> secrets.Secrets:
    return secrets.Secrets(database=known.database, stream=known.stream, token_pin=pin)
