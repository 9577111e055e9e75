"""Matching of a participant group with a comparison group: who is kept, with which weight, beside whom.

matched does it; spec says how, and is read when the site starts, so that nothing heavy is imported here.
"""
