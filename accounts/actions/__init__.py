"""Verbs: invite a colleague, accept an invitation, close an account."""
