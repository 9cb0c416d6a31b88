"""How large the files of a source may be; apart from what reads them, which takes a tenth of a second to import."""

from typing import Final

MAX_PROFILE_BYTES: Final = 256_000
MAX_FILE_BYTES: Final = 64_000_000
"""Of a people file."""
