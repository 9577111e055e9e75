"""What apps above are told of, in the transaction in which it happens."""

from django.dispatch import Signal

# `rows`: all rows of a person whose consent ends, before their identity is erased
consent_ended = Signal()
