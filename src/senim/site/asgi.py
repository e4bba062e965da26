"""What the web server's worker calls for the console's door."""

from django.core.wsgi import get_wsgi_application

from senim.doors.console.intake import Intake
from senim.kit.process import die_with_parent

_THREADS = 4
"""Our choice: pages are made by the processor and the database, and a security office is a few people."""

# The server starts this worker as a process of its own: killed, it must not leave the worker at the door.
die_with_parent()
application = Intake(get_wsgi_application(), threads=_THREADS)
