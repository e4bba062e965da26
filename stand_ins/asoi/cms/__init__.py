"""The seal, in both directions: CMS SignedData (RFC 5652) inside CMS AuthEnvelopedData (RFC 5083)."""
