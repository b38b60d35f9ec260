"""The web process: Django behind the gateway, with the serving version loaded before the first request."""

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")

from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

from customerops.gateway import Application, Gateway  # noqa: E402 - Django's applications come first
from modeling import serving  # noqa: E402

# granian imports this module in each worker, after the fork: every process gets a poller of its own.
serving.start(role="web")
application = Gateway(cast(Application, django))
