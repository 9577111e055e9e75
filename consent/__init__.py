"""Consent texts and decisions, the gate that every query of participants passes, enrolment, withdrawal, rates."""
