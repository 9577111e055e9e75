"""What computes groups is loaded by the processes that compute them, not by those that serve pages."""

import subprocess
import sys

HEAVY = {"pandas", "scipy", "duckdb", "matplotlib"}
START = f"""
import sys
import django
django.setup()
from django.urls import get_resolver
def walk(patterns):
    for each in patterns:
        walk(getattr(each, "url_patterns", ()))
walk(get_resolver().url_patterns)
print(*sorted(set(sys.modules) & {HEAVY}))
"""


def test_pages_are_served_without_what_computes_groups():
    started = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=True)
    assert started.stdout.split() == []
