"""The WSGI application that gunicorn serves."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.bodies import Handler  # noqa: E402  (needs the settings)
from operations.restoring import refuse_unfinished  # noqa: E402  (needs the apps)

application = Handler()

refuse_unfinished()

# What is loaded by now stays: the garbage collector need not walk through it again and again, 50 ms each time.
gc.freeze()
