"""Matching of a participant group with a comparison group: who is kept, with which weight, beside whom."""
