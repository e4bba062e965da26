"""What the web server calls for the console's door."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
