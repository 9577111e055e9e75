"""What can go wrong with a key or a box. No message ever holds a value or a key."""


class CryptoError(Exception):
    """Base of all errors of this app."""


class KeyUnavailable(CryptoError):
    """The key-encryption key is missing, too short, or not the one that wrapped the data keys."""


class UnknownKey(CryptoError):
    """A record names a data key that this site does not have."""


class WrongPurpose(CryptoError):
    """A record was sealed with the key of another purpose (another column)."""


class MalformedRecord(CryptoError):
    """A record is too short, or of a version that this code does not know."""


class TamperedRecord(CryptoError):
    """A record fails authentication: altered, truncated, or moved from another row or column."""
