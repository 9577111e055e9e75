"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from operations.restoring import refuse_unfinished  # noqa: E402  (needs the apps)

refuse_unfinished()

# What is loaded by now stays: the garbage collector need not walk through it again and again, 50 ms each time.
gc.freeze()
