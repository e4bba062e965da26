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
all alter and any as ascii avg begin benchmark between boolean by cast char chr concat convert count create cross
current database declare delay delete distinct drop dual elt else end exec execute exists extractvalue false from full
group having hex if ifnull in information information_schema inner insert into is isnull join limit like load_file
make_set master mid name not null nullif offset on or ord order outer outfile pg_sleep pg_read_file procedure query randomblob
rand regexp replace rlike schema select set sleep sqlite_master string substr substring sys table table_name tables
then time to top true truncate union unhex update updatexml user users using utl_http utl_inaddr values varchar version
waitfor when where xor xp_cmdshell xmltype
bin bash boot cat cgi cmd cmdline conf config curl dev dir echo env environ etc exe exec files fd group hosts home id
ifconfig ini ipconfig ls meta nc netcat net nslookup passwd perl php ping powershell proc process ps python root rm self
service sh shadow shell ssh sudo system system32 tmp type uname usr var web wget whoami win windows
alert body cookie document eval href html iframe img input javascript onclick onerror onload prompt script src style svg
vbscript
dns ldap ldaps rmi iiop corba nds http https ftp file gopher dict data expect phar jar zip jndi lower upper env java
date sys ctx bundle web log4j
class classes classloader forname freemarker getclass getruntime lang module mro base subclasses globals builtins init
import os popen render runtime self config request application template jinja7 utility
attlist cdata doctype element entity public system xml xmlns xsl xinclude include
admin administrator actuator api asp aspx backup dump git htaccess htpasswd jsp login manager phpinfo phpmyadmin
server solr status struts svn test wp
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
