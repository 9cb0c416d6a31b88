"""`source`: commands around the sources of exports that badging systems write."""
