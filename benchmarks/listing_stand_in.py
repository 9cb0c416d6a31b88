"""Lists millions of blobs that nobody has stored: a program of its own that answers List Blobs, a page at a time, and nothing else.

python -m benchmarks.listing_stand_in PORT EXPORTS
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

A_PAGE: Final = 5_000
_A_SITE: Final = 400
_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1/" '
    'ContainerName="%s"><MaxResults>5000</MaxResults><Blobs>'
)
_TAIL: Final = "</Blobs><NextMarker>%s</NextMarker></EnumerationResults>"
_PROPERTIES: Final = (
    "<Properties><Creation-Time>Mon, 30 Nov 2026 05:00:01 GMT</Creation-Time>"
    "<Last-Modified>Mon, 30 Nov 2026 05:00:01 GMT</Last-Modified><Etag>0x8DE2A%%010X</Etag><Content-Length>%d</Content-Length>"
    "<Content-Type>application/json</Content-Type><Content-Encoding /><Content-Language /><Content-CRC64 />"
    "<Content-MD5>1B2M2Y8AsgTpgAmY7PhCfg==</Content-MD5><Cache-Control /><Content-Disposition />"
    "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred>"
    "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>"
)
_EXPORT: Final = f"<Blob><Name>%s</Name>{_PROPERTIES % 52_000}<OrMetadata /></Blob>"
_OUTCOME: Final = (
    f"<Blob><Name>outcomes/%s/0x8DE2A%010X.json</Name>{_PROPERTIES % 2_400}<Metadata><status>Succeeded</status>"
    "<recordssent>300</recordssent><recordsrejected>0</recordsrejected><finishedat>2026-11-30T05:00:03Z</finishedat>"
    "<events>2026-11-28=120 2026-11-29=180 last=2026-11-29T22:04:58</events><source>%s</source>"
    "<mapping>9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c</mapping><uploadedat>2026-11-30T05:00:01Z</uploadedat></Metadata>"
    "<OrMetadata /></Blob>"
)


def page(container: str, begin: int, exports: int) -> bytes:
    """A page of a container, from the blob with this number on.

    Args:
        container: whose name ends in `results` if it holds outcomes.
        begin: from 0.
        exports: how many there are.
    """
    end = min(begin + A_PAGE, exports)
    blob = _outcome if container.endswith("results") else _export
    blobs = "".join(map(blob, range(begin, end)))
    return f"{_HEAD % container}{blobs}{_TAIL % (end if end < exports else '')}".encode()


def _name(number: int) -> tuple[str, str]:
    site = f"site-{number // _A_SITE:05d}"
    return site, f"{site}/day-{number % _A_SITE:03d}.json"


def _export(number: int) -> str:
    return _EXPORT % (_name(number)[1], number)


def _outcome(number: int) -> str:
    site, name = _name(number)
    return _OUTCOME % (name, number, number, site)


class _Listings(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    exports = 0

    def do_GET(self) -> None:
        """A page of a listing; every other blob is gone."""
        parts = urlsplit(self.path)
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        if asked.get("comp") != "list":
            self.do_DELETE()
            return
        body = page(parts.path.rpartition("/")[2], int(asked.get("marker", "0")), self.exports)
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_DELETE(self) -> None:
        """There is no blob."""
        self.send_response(404)
        self.send_header("x-ms-error-code", "BlobNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


def main() -> None:
    """Answer until it is ended."""
    _Listings.exports = int(sys.argv[2])
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Listings) as server:
        print("listening", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
