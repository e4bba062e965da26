"""The attacker of the decoy: requests made by hand, and the tools of the trade where they are installed."""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext as _

from senim.exercises.errors import NotPlayed
from senim.exercises.web.site import HOST, Site

_TIMEOUT = 10.0
_TOOL_SECONDS = 60
CANARY = b"canary-"
"""With this the decoy's planted values begin."""
PROBES = (
    "account?id=1'",
    "account?id=1 AND 5152=5152",
    "account?id=1) ORDER BY 10-- -",
    "account?id=1%27/**/uNiOn/**/aLL/**/SELECT/**/1,2-- -",
    "account?id=1;SELECT pg_sleep(5)--",
    "document?name=../../../../windows/win.ini",
    "document?name=%252e%252e%252f%252e%252e%252fetc%252fshadow",
    "hello?text={{7*7}}",
    "hello?text=${jndi:ldap://127.0.0.1:1/a}",
    "search?q=;cat /etc/hosts",
    "search?q=<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>",
    "search?q=!!python/object/apply:os.system",
    "search?q=<script>alert(1)</script>",
)
"""What opens nothing: attempts of every kind that the rules know."""
EXPLOITS = (
    "account?id=0 UNION SELECT name,note FROM accounts WHERE hidden=1",
    "document?name=../../etc/passwd",
    "hello?text={{secret}}",
)
"""What each fault of the decoy gives away."""
HONEST = (
    "search?q=O'Connor",
    "search?q=Д'Артаньян",
    "search?q=Жанна д'Арк and Sons",
    "search?q=SELECT the best from the list",
    "search?q=выбрать из списка",
    "search?q=drop table tennis, union of workers",
    "search?q=where is the order by number 10",
    "account?id=1",
    "document?name=welcome.txt",
    "hello?text=Сәлем",
    "report.zip",
)
"""What people ask for: names, phrases, a large download."""
PAGES_GONE = 40


def exploit(site: Site, marker: str) -> None:
    """Probe, then exploit by hand. Raises `NotPlayed` where a fault of the decoy gives nothing away."""
    for target in PROBES:
        get(site, marker, target)
    for target in EXPLOITS:
        if CANARY not in get(site, marker, target):
            broken = _("the decoy gave nothing away for {target}: this exercise is broken")
            raise NotPlayed(broken.format(target=target))


def visit(site: Site, marker: str) -> None:
    """What honest people and a crawler do. Raises `NotPlayed` where the decoy gives away what it must not."""
    gone = (f"old/{number}/gone" for number in range(PAGES_GONE))
    for target in (*HONEST, *gone):
        if CANARY in get(site, marker, target):
            broken = _("the decoy gave a canary away for {target}: this near miss is broken")
            raise NotPlayed(broken.format(target=target))


def get(site: Site, marker: str, target: str) -> bytes:
    """What the decoy answers. Raises `NotPlayed` where it does not."""
    connection = http.client.HTTPConnection(HOST, site.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", f"/{marker}/" + quote(target, safe="/?=&%"), headers={"User-Agent": "Mozilla/5.0"})
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise NotPlayed(_("the decoy does not answer: {error}").format(error=error)) from error
    finally:
        connection.close()


def with_tools(site: Site, marker: str) -> list[str]:
    """Let `sqlmap` and `wapiti` attack, a minute each at most, where they are installed; which did."""
    address = f"http://{HOST}:{site.port}/{marker}/"
    with tempfile.TemporaryDirectory(prefix="senim-tools-") as folder:
        commands = {"sqlmap": _sqlmap(address, folder), "wapiti": _wapiti(address, folder)}
        found = {name: program for name in commands if (program := _found(name))}
        for name, program in found.items():
            _run([program, *commands[name]], Path(folder))
    return list(found)


def _sqlmap(address: str, folder: str) -> Sequence[str]:
    asked = f"-u {address}account?id=1 --batch --flush-session --technique=BEU --dbms=sqlite --dump -T accounts"
    limits = "--timeout=5 --retries=0 --threads=4 --level=1 --risk=1 --disable-coloring"
    return [*asked.split(), *limits.split(), f"--output-dir={folder}/sqlmap"]


def _wapiti(address: str, folder: str) -> Sequence[str]:
    limits = "--scope folder -m sql,file,exec --max-scan-time 40 -d 2 --no-bugreport -f json --flush-session"
    return ["-u", address, *limits.split(), "-o", f"{folder}/wapiti.json"]


def _run(command: Iterable[str], folder: Path) -> None:
    """A tool that takes longer than its minute is ended: what it has asked by then stands in the log."""
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LANG": "C.UTF-8"}
    try:
        subprocess.run(
            list(command), env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TOOL_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/bin:/bin")
