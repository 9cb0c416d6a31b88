"""Times of which one can tell together that they are right: whole seconds of one day, as an export in order of time has them."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.exports.record_values import Period

_BETWEEN: Final = ","
_SHAPE: Final = b"0000-00-00T00:00:00,"
_NO_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_DATE: Final = 10
_TENS_OF_MINUTES: Final = 14
_TENS_OF_SECONDS: Final = 17
_TENS: Final = b"012345"


def one_day(values: Sequence[Any], keeps: Callable[[str], bool]) -> Period | None:
    """The period of times that are whole seconds of one day, without a zone; `None` if one may be something else, or wrong.

    Behind the same date none has a later hour than the latest one, so it is enough to look at two of them whole.

    Args:
        values: of each record, whatever they are; there must be some.
        keeps: whether a time of that form keeps its rule.
    """
    try:
        text = _BETWEEN.join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return None
    if text.translate(_NO_DIGITS) != (_SHAPE * len(values))[:-1]:
        return None
    for place in (_TENS_OF_MINUTES, _TENS_OF_SECONDS):
        if text[place :: len(_SHAPE)].strip(_TENS):
            return None
    period = Period.of(values)
    is_one = period.earliest[:_DATE] == period.latest[:_DATE]
    return period if is_one and keeps(period.earliest) and keeps(period.latest) else None
