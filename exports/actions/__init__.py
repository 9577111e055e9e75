"""Verbs on projects, deliveries and resident lists."""
