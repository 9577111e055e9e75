"""Append-only, hash-chained events: who did what to which object, when. Holds no identities."""
