"""The codes that end as `Rejected`: the export is wrong."""

from typing import Final, Self

from shared.error_codes.code import ErrorCode, Status

_CORRECT: Final = "Fix the export where it is made, then upload it again."


class RejectedCode(ErrorCode):
    """The export is wrong; nothing of it was sent. Final until a corrected export is uploaded."""

    def __new__(cls, code: str, text: str, help_text: str) -> Self:
        """Make a code that ends as `Rejected`."""
        member = cls._member(code, text, help_text, None)
        member.status, member.who = Status.REJECTED, "exporter"
        return member

    UNSAFE_NAME = (
        "unsafe-name",
        "The file has a name that storage, a path or a link could misread. It was not opened.",
        (
            "Rename the file: at most 900 bytes, no empty, '.' or '..' folder, no folder or name ending in a dot, "
            "no backslash, no control character. Then upload it again."
        ),
    )
    NOT_AN_EXPORT = (
        "not-an-export",
        "The file name does not end as an export's must, in .json, .jsonl or .ndjson, or as its source says.",
        (
            "A table (CSV) is read in the folder of a source whose profile describes it: upload it there. Records in the "
            "connector's own format end in .json, .jsonl or .ndjson. Each may also end in .gz; another name alone is not "
            "enough."
        ),
    )
    EMPTY_EXPORT = (
        "empty-export",
        "The file has no bytes, or only white space.",
        "Write a day without events as []. " + _CORRECT,
    )
    TOO_LARGE = (
        "too-large",
        "The file, or what its gzip unpacks to, has more than MAX_EXPORT_BYTES.",
        "Split the export into several files, or raise MAX_EXPORT_BYTES.",
    )
    BROKEN_GZIP = (
        "broken-gzip",
        "The gzip is damaged, cut off, or followed by something else; often a copy in text mode.",
        "Compress the export again and copy it in binary mode, then upload it again.",
    )
    WRONG_ENCODING = (
        "wrong-encoding",
        "The file is neither UTF-8 nor UTF-16 with a byte order mark; often it is an old 'ANSI' export, or joined of two.",
        "Save the export as UTF-8, then upload it again.",
    )
    NOT_JSON = (
        "not-json",
        "The first character is neither [ nor {: the file is a CSV, a workbook, an archive, an XML or HTML page.",
        "The export must be JSON: an array of records, or one record a line. " + _CORRECT,
    )
    WRONG_TOP_LEVEL = (
        "wrong-top-level",
        'The records are inside other objects, such as {"records": [...]} or pages of an answer.',
        "The export must be an array of records, or one record a line. " + _CORRECT,
    )
    BROKEN_JSON = (
        "broken-json",
        "The JSON is not valid at the place named: a comma, a quote, NaN, an invisible character, joined files.",
        _CORRECT,
    )
    TRUNCATED = (
        "truncated",
        "The file ends in the middle: it was read while it was being written, or the copy broke off.",
        (
            "Let the exporter write to a name ending in .tmp or .part and rename it when it is complete, then upload it "
            "again."
        ),
    )
    RECORD_TOO_LARGE = (
        "record-too-large",
        "One record has more than 1 MiB; nearly always a quote or bracket is missing.",
        "A record may have at most 1 MiB. " + _CORRECT,
    )
    NESTED_TOO_DEEP = (
        "nested-too-deep",
        "A record is nested deeper than 64 levels.",
        "A record may be nested at most 64 levels deep. " + _CORRECT,
    )
    NOT_A_TABLE = (
        "not-a-table",
        "The file is no table of text: an Excel workbook, XML, syslog or lines of key and value.",
        "Export CSV or JSON from the badging system, or convert the file. Then upload it again.",
    )
    BROKEN_CSV = (
        "broken-csv",
        "The CSV is not valid at the line the error names: text stands behind a closing quote.",
        "Compare delimiter and quote in the source's profile with the file. " + _CORRECT,
    )
    COLUMNS_CHANGED = (
        "columns-changed",
        "The table lacks a column that the source's profile names, or has it twice.",
        "Compare the columns that the error lists with the source's profile, and correct one of the two.",
    )
    RECORDS_MISSING = (
        "records-missing",
        "The JSON has no list of events where the source's profile says it is; often it is an error message.",
        "Compare records in the source's profile with the file. " + _CORRECT,
    )
    PAGE_TOO_LARGE = (
        "page-too-large",
        "One JSON object around the events has more than 64 MB or 5,000,000 values.",
        "Make smaller pages, or write the events themselves, one a line. " + _CORRECT,
    )
    NOTHING_MAPPED = (
        "nothing-mapped",
        "No row became a record, although there were rows that should have.",
        "Compare the source's profile with the reasons in the outcome, correct it, and upload the export again.",
    )
    TOO_MANY_INVALID = (
        "too-many-invalid",
        "More records are invalid than MAX_INVALID_PERCENT allows, or no record is valid.",
        (
            "Read the reasons, fix the exporter or the source, and upload the export again. MAX_INVALID_PERCENT, or "
            "max_invalid_percent in the source's profile, sets the share of invalid records that is accepted."
        ),
    )
