"""What an outcome word probably means. A draft proposes, and a person checks: words that are not clear are left open."""

import re
from typing import Final

from commands.drafting.columns import ColumnFacts
from shared.sources.words import Meaning

_DENIED: Final = re.compile(
    r"den(?:y|ied)|reject|refus|fail|invalid|unauthori|insufficient|expired|unknown|wrong|violation|lost|stolen|inactive"
    r"|not (?:in|allowed|authori|granted|valid)|blocked|no (?:\w+ )?privilege|no access|passback|forbid|\bvoid|disabled"
    r"|verweiger|abgelehnt|abgewiesen|ungültig|gesperrt|interdit|denegad|rechazad|negad|negat|weiger|nekad|afvist|odmow"
    r"|отказ|запрещ|拒绝|拒否|거부|실패|失败|失敗",
    re.IGNORECASE,
)
_GRANTED: Final = re.compile(
    r"grant|permit|admit|accept|allowed|success|\bvalid\b|gewährt|erlaubt|erfolgreich|freigegeben|berechtigt|autorisé"
    r"|autorizad|autorizzat|accord|concedid|consentit|toegestaan|beviljad|przyzna|разреш|允许|許可|승인|성공|成功",
    re.IGNORECASE,
)
_DOUBTFUL: Final = re.compile(
    r"no entry|not used|not entered|not taken|no access made|assumed|exit request|request to exit|remote|duress|escort"
    r"|held|forced|alarm|door open|left open|\bby \w",
    re.IGNORECASE,
)
_LONG_NUMBER: Final = re.compile(r"[0-9]{3,}.*", re.DOTALL)
_YES: Final = frozenset({"true", "yes", "y", "ja", "oui", "si"})
_NO: Final = frozenset({"false", "no", "n", "nein", "non"})


def meaning_of(word: str) -> Meaning:
    """The list that a word probably belongs to; empty if that is not clear."""
    folded = word.casefold()
    if folded in _YES | _NO:
        return "success" if folded in _YES else "failed"
    if _DOUBTFUL.search(word):
        return ""
    if _DENIED.search(word):
        return "failed"
    return "success" if _GRANTED.search(word) else ""


def as_pattern(word: str) -> str:
    """The word for a profile's list; from a long number on it may be anything: one vendor prints the PIN there."""
    begin = _LONG_NUMBER.sub("", word)
    return begin + "*" if begin.strip() and begin != word else word


def clarity(column: ColumnFacts) -> float:
    """The share of a column's texts whose meaning is clear, if both meanings occur; half of it if only one does."""
    clear: dict[Meaning, int] = {"success": 0, "failed": 0}
    for word, count in column.counts.items():
        if meaning := meaning_of(word):
            clear[meaning] += count
    share = sum(clear.values()) / column.filled if column.filled else 0.0
    return share if all(clear.values()) else share / 2
