"""What the web server's worker calls for the console's door."""

import re

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from senim.doors.access import Noted
from senim.doors.console.intake import Intake
from senim.doors.shape import Shape
from senim.kit.journal import Journal
from senim.kit.process import die_with_parent
from senim.site.web import THREADS, access_log

# The server starts this worker as a process of its own: killed, it must not leave the worker at the door.
die_with_parent()
_django = get_wsgi_application()

from senim.doors.console import lists, urls  # noqa: E402 - a door's pages load only once Django is ready
from senim.doors.console.correlation import HEADER  # noqa: E402

_routes = " ".join(str(address.pattern) for address in (*urls.PLAIN, *urls.PAGES))
_words = [*re.findall(r"\w+", _routes), *lists.WORDS, *(code for code, _ in settings.LANGUAGES), "static", "css", "js"]
_journal = Journal(access_log(settings.SENIM_INSTANCE))
_noted = Noted(_django, _journal, "console", Shape(_words), named_in=HEADER)
application = Intake(_noted, threads=THREADS)
