"""DER written by hand (X.690): where much is answered, asn1crypto takes many times as long over every answer."""

SEQUENCE, SET, INTEGER, OCTETS = 0x30, 0x31, 0x02, 0x04
IMPLICIT_0, EXPLICIT_0 = 0x80, 0xA0
"""The first of a structure's own tags, over bytes and over other values."""
_SHORT = 128


def tlv(tag: int, *contents: bytes) -> bytes:
    """One value: its tag, its length, and what it holds."""
    content = b"".join(contents)
    length = len(content)
    if length < _SHORT:
        return bytes([tag, length]) + content
    said = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, _SHORT | len(said)]) + said + content


def integer(value: int) -> bytes:
    """A whole number that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def set_of(*values: bytes) -> bytes:
    """A SET OF these values, in the order that DER wants (X.690 §11.6)."""
    return tlv(SET, *sorted(values))
