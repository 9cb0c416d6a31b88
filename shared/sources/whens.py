"""When it was: the time of a row, in the profile's zone or in the one that the row itself names."""

from shared.sources.getters import Get, Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.profile_model import Time
from shared.sources.time_formats import ISO, TimeFormat, strptime_format
from shared.sources.times import Epochs, Times


class Whens:
    """`[time]` of a profile."""

    def __init__(self, time: Time, sight: Sight) -> None:
        self._get: Get = sight.getter(time.value)
        self._zone_of: Get | None = sight.getter(time.zone_value) if time.zone_value else None
        self._by_zone = {text: _times(time, name) for text, name in time.zones.items()}
        self._plain = _times(time, time.zone)

    def at(self, row: Row) -> str:
        """The row's time in UTC; empty if there is none, `why` then says why."""
        times = self._of(row)
        text = self._get(row)
        return times.convert(text) if text != NOT_TEXT else ""

    def why(self, row: Row) -> str:
        """The code of what is wrong with the row's time; empty if only its year is."""
        text = self._get(row)
        if text == NOT_TEXT or (self._zone_of and self._zone_of(row) == NOT_TEXT):
            return "value-not-text"
        code = self._of(row).why(text)
        return "time-zone-unknown" if code == "time-zone-missing" and self._zone_of else code

    def _of(self, row: Row) -> Times | Epochs:
        if self._zone_of is None:
            return self._plain
        return self._by_zone.get(self._zone_of(row), self._plain)


def _times(time: Time, zone_name: str | None) -> Times | Epochs:
    match time.format:
        case "epoch-s":
            return Epochs(1)
        case "epoch-ms":
            return Epochs(1000)
        case _:
            return Times(_format(time.format), zone_name, time.ambiguous)


def _format(said: str) -> TimeFormat:
    return ISO if said == "iso" else strptime_format(said)
