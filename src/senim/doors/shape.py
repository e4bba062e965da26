"""An address as typed, with people's data taken out: what names nobody stays, every other word is told by its shape.

Searching in the console puts accounts' names and numbers into addresses, and strangers put there what they like. A log
must hold neither, and detection must see an attack all the same: so the signs stay, and of the words those of a closed
list: our own addresses', those that attacks are made of, numbers of up to four digits, identifiers of rows (UUIDs) and
markers of exercises. `?account=Айгерім' or 1=1` is kept as `?x=x' or 1=1`.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from senim.kit.marker import FORM
from senim.telemetry.parsers.web import decode

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_WORD = re.compile(rf"(?<![\w-]){FORM}(?![\w-])|(?<!\w){_UUID}(?!\w)|\w+")
_SIGNS = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_LONGEST_NUMBER = 4
_LONGEST = 4096
_ATTACKS = """
actuator admin administrator alert all alter and any api application as ascii asp aspx attlist avg backup base bash
begin benchmark between bin body boolean boot builtins bundle by cast cat cdata cgi char chr class classes classloader
cmd cmdline concat conf config convert cookie corba count create cross ctx curl current data database date declare
delay delete dev dict dir distinct dns doctype document drop dual dump echo element else elt end entity env environ
etc eval exe exec execute exists expect extractvalue false fd file files forname freemarker from ftp full getclass
getruntime git globals gopher group having hex home hosts href htaccess html htpasswd http https id if ifconfig ifnull
iframe iiop img import in include information information_schema ini init inner input insert into ipconfig is isnull
jar java javascript jinja7 jndi join jsp lang ldap ldaps like limit load_file log4j login lower ls make_set manager
master meta mid module mro name nc nds net netcat not nslookup null nullif offset on onclick onerror onload or ord
order os outer outfile passwd perl pg_read_file pg_sleep phar php phpinfo phpmyadmin ping popen powershell proc
procedure process prompt ps public python query rand randomblob regexp render replace request rlike rm rmi root
runtime schema script select self server service set sh shadow shell sleep solr sqlite_master src ssh status string
struts style subclasses substr substring sudo svg svn sys system system32 table table_name tables template test then
time tmp to top true truncate type uname unhex union update updatexml upper user users using usr utility utl_http
utl_inaddr values var varchar vbscript version waitfor web wget when where whoami win windows wp xinclude xml xmlns
xmltype xor xp_cmdshell xsl zip
"""
ATTACK_WORDS = frozenset(_ATTACKS.split()) | {"__class__", "__mro__", "__base__", "__globals__", "__import__"}


class Shape:
    """Takes people's data out of addresses."""

    def __init__(self, ours: Iterable[str]) -> None:
        """`ours` are the words of our own addresses."""
        self._kept = ATTACK_WORDS | {word.lower() for word in ours}

    def of(self, address: str) -> str:
        """`address`, percent-decoded twice, told by shape and percent-encoded once."""
        text = decode(decode(address[:_LONGEST]))
        return quote(_WORD.sub(self._told, text), safe=_SIGNS)

    def _told(self, found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in self._kept or "-" in word:  # only markers and UUIDs hold a hyphen here
            return word
        if word.isascii() and word.isdigit():
            return word if len(word) <= _LONGEST_NUMBER else "0" * len(word)
        return "x"
