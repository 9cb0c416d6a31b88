"""Older versions of exports in memory, as the command-line tool sees them."""

from dataclasses import dataclass, field

from shared.services.blob_versions import BlobVersion


@dataclass
class FakeVersions:
    """Versions by the name of their export, and what was brought back."""

    kept: dict[str, list[BlobVersion]] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)

    def of(self, name: str) -> list[BlobVersion]:
        """Those that are kept."""
        return self.kept.get(name, [])

    def write_anew(self, name: str, version: BlobVersion) -> str:
        """Note that it was written anew."""
        self.restored.append(name)
        return version.etag

    def undelete(self, name: str) -> None:
        """Note that it was brought back."""
        self.restored.append(name)
