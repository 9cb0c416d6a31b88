"""Which of our names a Kusto query uses, for holding queries against `shared.telemetry.names`."""

import re
from dataclasses import dataclass
from typing import Final

from shared.telemetry.names import ATTRIBUTES, EVENTS, METRICS, SPANS

_METRIC: Final = re.compile(r'"(gatepost\.[^"]*)"')
_ATTRIBUTE: Final = re.compile(r'customDimensions(?:\.(\w+)|\["([^"]+)"\]|\[\'([^\']+)\'\])')
_EVENT: Final = re.compile(r'\bevent(?:["\']\])?\)*\s*==\s*"([^"]*)"')
_SPAN: Final = re.compile(r'"((?:GET|PUT|POST) [^"]*)"')


@dataclass(frozen=True)
class Used:
    """Names as they stand in a query."""

    metrics: frozenset[str]
    events: frozenset[str]
    spans: frozenset[str]
    attributes: frozenset[str]

    def unknown(self) -> set[str]:
        """Names that exist nowhere, and attributes that none of the query's metrics, events and spans has."""
        metrics = {metric.name: metric for metric in METRICS}
        events = {event.name: event for event in EVENTS}
        spans = {span.name: span for span in SPANS}
        strange = (self.metrics - set(metrics)) | (self.events - set(events)) | (self.spans - set(spans))
        offered = {
            attribute
            for names, known in ((self.metrics, metrics), (self.events, events), (self.spans, spans))
            for name in names & set(known)
            for attribute in known[name].attributes
        }
        return set(strange | (self.attributes - (offered or set(ATTRIBUTES))))


def used(query: str) -> Used:
    """The names a query uses."""
    attributes = {word for groups in _ATTRIBUTE.findall(query) for word in groups if word}
    return Used(
        frozenset(_METRIC.findall(query)),
        frozenset(_EVENT.findall(query)),
        frozenset(_SPAN.findall(query)),
        frozenset(attributes),
    )
