"""Names of blobs: which are safe to touch, which are exports, and where an export's documents are.

The checks run before any storage client is built: with a token credential the SDK resolves `..` in a blob's name and
writes into another container, and a storage URL drops dots at the end of a segment.
"""

import hashlib
import re
from enum import Enum, auto
from typing import Final
from urllib.parse import quote

MAX_NAME_BYTES: Final = 900
"""Encoded. Azure takes 1,024 characters; an outcome's path adds a folder and an ETag to the name."""

MAX_SEGMENTS: Final = 55
OUTCOMES_PREFIX: Final = "outcomes/"
REPORT_PATH: Final = "reports/latest.html"
REPORT_PENDING_PATH: Final = "reports/pending"
SWEEP_PATH: Final = "sweeps/latest.json"
REMAPS_PATH: Final = "sweeps/remaps.json"
PROFILE_NAME: Final = "profile.toml"
SHARED_PEOPLE_PATH: Final = "people.csv"
UNSAFE_FOLDER: Final = "_"
"""Below `outcomes/` and `rejected/`: documents of exports whose names are not safe, under the name's SHA-256."""

_EXPORT: Final = re.compile(r"\.(?:json|jsonl|ndjson)(?:\.gz)?\Z", re.IGNORECASE)
_UNFINISHED: Final = re.compile(r"\.(?:tmp|part|filepart|crc)\Z", re.IGNORECASE)
_LEFT_BY_TOOLS: Final = re.compile(
    r"""(?:.*/)?(?:_temporary|_delta_log|__MACOSX|\$RECYCLE\.BIN|System\ Volume\ Information|@eaDir|\.Trash-[^/]*)/.*
    |(?:.*/)?(?:_SUCCESS|_committed_[^/]*|_started_[^/]*|(?:eh)?Thumbs\.db|desktop\.ini|\.DS_Store|\._[^/]*
    |~\$[^/]*|\.~lock\.[^/]*|\.(?:git)?keep|\.nfs[^/]*|[^/]*\.sw[op]|[^/]*~)""",
    re.ASCII | re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
"""Folders and files that Spark, Databricks, Windows, macOS, network drives, office programs and editors leave behind."""
_SEGMENT: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_PLAIN: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_DATA: Final = re.compile(r"\.(?:json|jsonl|ndjson|csv|tsv|txt)(?:\.gz)?\Z", re.IGNORECASE)
"""How none of the names end that are ignored."""
_MAX_PLAIN: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]|[\ud800-\udfff]")


class Kind(Enum):
    """What a blob's name says about it."""

    EXPORT = auto()
    IGNORED = auto()
    NOT_AN_EXPORT = auto()
    UNSAFE = auto()


def is_safe(name: str) -> bool:
    """Whether a blob's name can stand in a path, a log line and a URL without doing harm."""
    if _is_plain(name):
        return True
    if not name or _CONTROL.search(name) or len(quote(name).encode()) > MAX_NAME_BYTES:
        return False
    segments = name.split("/")
    return len(segments) <= MAX_SEGMENTS and not any(one == "" or one.endswith(".") for one in segments)


def classify_name(name: str) -> Kind:
    """Sort a blob by its name; `IGNORED` are uploads on their way, folders, and what file managers and tools leave."""
    if not (_is_plain(name) and _DATA.search(name)):  # nearly all are, and there may be millions
        if _UNFINISHED.search(name) or name.endswith("/") or is_left_by_tools(name):
            return Kind.IGNORED
        if not is_safe(name):
            return Kind.UNSAFE
    return Kind.EXPORT if _EXPORT.search(name) else Kind.NOT_AN_EXPORT


def _is_plain(name: str) -> bool:
    """Whether a name surely does no harm and is none of a tool's folders: letters, digits, `_`, `-`, dots between them, and short."""
    return len(name) <= _MAX_PLAIN and _PLAIN.fullmatch(name) is not None


def is_left_by_tools(name: str) -> bool:
    """Whether file managers and data tools leave such files beside exports."""
    return bool(_LEFT_BY_TOOLS.fullmatch(name))


def bare(etag: str) -> str:
    """An ETag without its quotes; events, headers and listings disagree about them."""
    return etag.strip('"')


def outcome_path(name: str, etag: str) -> str:
    """Where the outcome of this version of an export is written, in the results container."""
    return f"{OUTCOMES_PREFIX}{_folder(name)}/{bare(etag)}.json"


def rejected_path(name: str, etag: str, request_id: str | None = None) -> str:
    """Where the rejected records of this version of an export are written, in the results container.

    Args:
        name: of the export.
        etag: of its version.
        request_id: of a resend: its file takes the place of no other, since the resend may yet come to nothing.
    """
    return f"rejected/{_folder(name)}/{bare(etag)}{f'~{request_id}' if request_id else ''}.jsonl"


def remaining_path(name: str, etag: str, number: int, holder: str) -> str:
    """Where what is still rejected after a pass over the rejected records is written.

    Args:
        name: of the export.
        etag: of its version.
        number: of the pass, from 1.
        holder: names the holder of the job's lease, so that no two workers write the same blob.
    """
    return f"rejected/{_folder(name)}/{bare(etag)}~{number}-{holder}.jsonl"


def lease_path(job_id: str) -> str:
    """The blob whose lease the one attempt at a time for this job holds, in the state container."""
    return f"lease/{_job(job_id)}"


def ledgers_prefix(job_id: str, key: str) -> str:
    """Where all ledgers of one content are, in the state container: one a digest of rules and a resend."""
    return f"ledger/{_job(job_id)}/{key}/"


def ledger_path(job_id: str, key: str, rules: str, request_id: str | None) -> str:
    """Where the ledger of one content under one digest of rules is kept.

    Args:
        job_id: the connector's job.
        key: SHA-256 of the unpacked bytes.
        rules: digest of the rules; its first 16 digits are used.
        request_id: of the resend it belongs to, if it belongs to one.
    """
    return f"{ledgers_prefix(job_id, key)}{rules[:16]}{f'~{request_id}' if request_id else ''}.jsonl"


def request_of_ledger(path: str) -> str | None:
    """The id of the resend that a ledger belongs to; `None` if it belongs to none."""
    return path.rpartition("/")[2].removesuffix(".jsonl").partition("~")[2] or None


def plan_path(job_id: str, key: str, sha256: str) -> str:
    """Where a plan's bits are kept, named by their content.

    Args:
        job_id: the connector's job.
        key: SHA-256 of the unpacked bytes.
        sha256: of the bits.
    """
    return f"plans/{_job(job_id)}/{key}/{sha256}.bits"


def profile_path(folder: str) -> str:
    """Where the profile of a folder's source is, in the sources container."""
    return f"{folder}/{PROFILE_NAME}"


def people_path(folder: str, directory: str) -> str:
    """Where a people file is, in the sources container.

    Args:
        folder: of the source.
        directory: the file as the profile names it: `name.csv` in its own folder, `/name.csv` above it.
    """
    return directory[1:] if directory.startswith("/") else f"{folder}/{directory}"


def folder_note_path(folder: str) -> str:
    """The note that a folder was a source once, in the state container."""
    return f"folders/{folder}"


def remap_notes_prefix(job_id: str) -> str:
    """Where passes over rejected records that have begun to send are noted, in the state container."""
    return f"remaps/{_job(job_id)}/"


def remap_note_path(job_id: str, outcome: str) -> str:
    """The note of one pass.

    Args:
        job_id: the connector's job.
        outcome: path of the outcome that it is about.
    """
    return remap_notes_prefix(job_id) + hashlib.sha256(outcome.encode()).hexdigest()


def sent_values_path(folder: str) -> str:
    """By which time, door and outcome records of a folder's source were last sent, in the state container."""
    return f"values/{folder}"


def hash_key_path(job_id: str) -> str:
    """Where the key of the hashes of a job's events is kept."""
    return f"keys/{_job(job_id)}"


def open_prefix(job_id: str) -> str:
    """Where the open files of a job are: the events of requests that are about to leave."""
    return f"open/{_job(job_id)}/"


def events_prefix(job_id: str, request_id: str | None) -> str:
    """Where the runs of the events that were sent are.

    Args:
        job_id: the connector's job.
        request_id: of a resend, for what it has sent itself; `None`: all that was sent.
    """
    return f"resends/{_job(job_id)}/{request_id}/" if request_id else f"events/{_job(job_id)}/"


def _job(job_id: str) -> str:
    """The job's folder: storage logs show paths, so the job id itself never stands in one."""
    return hashlib.sha256(job_id.lower().encode()).hexdigest()[:16]


def _folder(name: str) -> str:
    if is_safe(name):
        return name
    return f"{UNSAFE_FOLDER}/" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
