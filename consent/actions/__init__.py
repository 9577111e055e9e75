"""Verbs: enrolment, counting those without consent, withdrawal, publishing texts."""
