"""From a blob's bytes to request bodies: unpack, read, judge, cut. Pure; no SDK is imported here."""
