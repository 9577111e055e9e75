"""The site's settings, with tables of plain and foreign fields to compare with."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "encrypted_fields", "benchmarks.peers"]
SALT_KEY = "only-for-benchmarks"  # django-fernet-encrypted-fields wants one
TESTING = True
