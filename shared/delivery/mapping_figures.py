"""What a source's mapping says about an export besides its records, for the ledger and the outcome. Pure."""

from typing import TYPE_CHECKING, Any, Final

import msgspec

from shared.delivery.outcome import Notice, Outcome, Rejections, SourceVersion, UnknownWord
from shared.sources.warning_texts import warning_text

if TYPE_CHECKING:
    from shared.sources.source import Source
    from shared.sources.tally import Counts


_CHANGED: Final = Notice(
    code="mapping-changed",
    message=(
        "The source's zone, door or outcome words have changed since records of it were last sent. Events that were sent "
        "before keep their old values, and are sent again where they stand in a later export."
    ),
)


class MappingFigures(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a source's mapping has to say about an export besides its records.

    Attributes:
        source: profile and people files.
        unknown_words: outcome words that no list has, fit to be shown.
        unknown_keys: how many different keys no people file knows.
        warnings: what a person should look at.
    """

    source: SourceVersion
    unknown_words: list[UnknownWord] = []
    unknown_keys: int = 0
    warnings: list[Notice] = []


def version_of(source: "Source") -> SourceVersion:
    """The version of a source."""
    return SourceVersion(source.name, source.profile.sha256, dict(source.people))


def mapping_of(source: "Source", counts: "Counts | None", *, changed: bool) -> MappingFigures:
    """What a finished pass over an export of a source has to say.

    Args:
        source: that it belongs to.
        counts: of the mapping; `None` of the connector's own format, where nothing is mapped.
        changed: whether it gives events other values than when exports of it were last sent.
    """
    if counts is None:
        return MappingFigures(source=version_of(source))
    return MappingFigures(
        source=version_of(source),
        unknown_words=[UnknownWord(word=one.word, records=one.records) for one in counts.unknown_words],
        unknown_keys=counts.unknown_keys,
        warnings=[
            Notice(code=code, message=warning_text(code, count, source))
            for code, count in sorted(counts.warnings.items())
        ]
        + [_CHANGED] * changed,
    )


def mapping_fields(mapping: MappingFigures | None) -> dict[str, Any]:
    """The fields of an outcome that only a source fills."""
    if mapping is None:
        return {"source": None, "mapping_tried": None, "unknown_words": [], "unknown_keys": 0}
    return {
        "mapping_tried": None,
        "source": mapping.source,
        "unknown_words": mapping.unknown_words,
        "unknown_keys": mapping.unknown_keys,
    }


def unread(outcome: Outcome, source: "Source | None") -> Outcome:
    """The outcome of an export that cannot be read as a whole: what an earlier attempt counted in it does not hold.

    Args:
        outcome: what is known so far.
        source: by which it was read.
    """
    fields = mapping_fields(MappingFigures(source=version_of(source)) if source else None)
    return msgspec.structs.replace(
        outcome, records=None, events=None, ignored=[], rejections=Rejections(), warnings=[], **fields
    )
