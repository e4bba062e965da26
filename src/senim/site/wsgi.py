"""What the web server's worker calls for the console's door."""

from django.core.wsgi import get_wsgi_application

from senim.kit.process import die_with_parent

# The server starts this worker as a process of its own: killed, it must not leave the worker at the door.
die_with_parent()
application = get_wsgi_application()
