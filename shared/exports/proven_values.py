r"""From a rule to a regular expression over raw bytes that accepts only what surely keeps the rule.

The fast path looks at a JSON text as it stands in the file, quotes included, without decoding it. What it may accept is
derived here from the schema, so that no rule is written down a second time. The derivation knows a few forms of
patterns, those that the schema uses; a rule of another form is not derived, and its records take the exact path.

Every repetition is bounded, so that a record of many texts stays under the limit of a record (a text is at most 66 kB),
and possessive, so that nothing is tried twice. Sets are written as what they hold (one lookup a byte), and a text's closing
quote is tried before any escape.
"""

import json
import re
from functools import cache
from typing import Any, Final

from shared.exports.rules import PropertyRule
from shared.exports.times import ANY_MOMENT, REAL_MOMENT, ZONE

_PLAIN: Final = rb"[ !#-\[\]-\xff]"
_ESCAPES: Final = (
    rb'(?:\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))){1,85}+'
)
_TEXT: Final = rb'"' + _PLAIN + rb'{0,4096}+(?:"|(?:' + _ESCAPES + _PLAIN + rb'{0,512}+){1,60}+")'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]{0,14}+)|-?(?:0|[1-9][0-9]{0,7}+)\.[0-9]{1,6}+"

ANY_SCALAR: Final = rb"(?:" + _TEXT + rb"|" + _NUMBER + rb"|true|false|null)"
"""Whatever is neither an object nor an array and surely no violation of anything."""

_KEYWORDS: Final = frozenset(("type", "enum", "pattern", "not", "maxLength", "description", "x-gatepost"))
_MAX_TEXT: Final = 4096
_SET: Final = re.compile(r"\[\^?[^\]]+\]")
_TOKENS: Final = re.compile(_SET.pattern + r"|.")
_NOT_DERIVED: Final = frozenset('*.^$\\"')
_LETTERS: Final = (
    (range(0xC0, 0x600), rb"[\xc3-\xd7][\x80-\xbf]"),
    (range(0x3040, 0x4000), rb"\xe3[\x81-\xbf][\x80-\xbf]"),
    (range(0x4000, 0xD000), rb"[\xe4-\xec][\x80-\xbf]{2}"),
)
"""Blocks beyond ASCII that are letters throughout, with their bytes in UTF-8."""


@cache
def proven_values(rule: PropertyRule) -> tuple[bytes, ...]:
    """Expressions for a property's value, the usual one first; none if the rule has a form that is not known here."""
    pattern = rule.pattern
    if not _KEYWORDS.issuperset(rule.schema):
        return ()
    if rule.words and pattern is None:
        return (rb'"(?:' + b"|".join(re.escape(_raw(word)) for word in rule.words) + rb')"',)
    if pattern is None:
        return (_TEXT,) if "not" not in rule.schema and "maxLength" not in rule.schema else ()
    if ANY_MOMENT in pattern:
        return _moments(rule, pattern)
    if pattern.endswith("$"):
        return tuple(filter(None, [_whole(rule, pattern)]))
    return tuple(filter(None, [_padded(rule, pattern)]))


def surely_fits(rule: PropertyRule, value: Any) -> bool:
    """Whether a decoded value is a text that surely keeps a rule, and as a time exists. `False` says nothing."""
    proven = _compiled(rule)
    if proven is None or not isinstance(value, str):
        return False
    raw = value.encode(errors="surrogatepass")
    return b"\\" not in raw and proven.fullmatch(b'"%b"' % raw) is not None


def zoned(rule: PropertyRule) -> bytes:
    """The expression for a time with `Z` or an offset; empty if it is not known."""
    found = proven_values(rule)
    return found[1] if len(found) > 1 else b""


@cache
def _compiled(rule: PropertyRule) -> re.Pattern[bytes] | None:
    proven = proven_values(rule)
    return re.compile(b"|".join(proven)) if proven else None


def _moments(rule: PropertyRule, pattern: str) -> tuple[bytes, ...]:
    """A time without a zone, and one with it, of days and hours that exist."""
    year, _, rest = pattern.removeprefix("^").partition(ANY_MOMENT)
    fraction, _, end = rest.partition(ZONE + "?")
    if end != "$":  # also where there is no zone
        return ()
    forms = f"^{year}{REAL_MOMENT}{fraction}$", f"^{_inner_years(year)}{REAL_MOMENT}{fraction}{ZONE}$"
    proven = [_whole(rule, form) for form in forms]
    return tuple(filter(None, proven)) if all(proven) else ()


def _inner_years(pattern: str) -> str:
    """The years without the first and the last: in UTC those could become years outside."""
    fits = re.compile(pattern).fullmatch
    years = [year for year in range(10_000) if fits(f"{year:04}")]
    decades: dict[str, str] = {}
    for year in years[1:-1]:
        decades[f"{year:04}"[:3]] = decades.get(f"{year:04}"[:3], "") + f"{year % 10}"
    return "(" + "|".join(f"{decade}[{digits}]" for decade, digits in decades.items()) + ")"


def _whole(rule: PropertyRule, pattern: str) -> bytes | None:
    """A pattern for the whole text, `^...$`, of sets and literal characters."""
    body = pattern[1:-1]
    plain = "".join(_SET.split(body))
    bounded = "maxLength" not in rule.schema or not set(plain) & set("{?|")
    simple = rule.forbidden is None or _SET.fullmatch(rule.forbidden)
    if not (pattern.startswith("^") and bounded and simple) or _NOT_DERIVED & set(plain):
        return None
    ascii_only, with_letters = _translated(rule, body, letters=False), _translated(rule, body, letters=True)
    if ascii_only == with_letters:
        return b'"' + ascii_only + b'"'
    return b'"(?:' + ascii_only + b'"|' + with_letters + b'")'


def _padded(rule: PropertyRule, pattern: str) -> bytes | None:
    """A pattern for the first character, `^[...]`, and a forbidden one for the last, `[...]$`; between them any text."""
    forbidden = rule.forbidden or ""
    first, last = pattern[1:], forbidden[:-1]
    if "maxLength" in rule.schema or not _SET.fullmatch(first) or not _SET.fullmatch(last) or last[1] == "^":
        return None
    simple = _PLAIN + rb'{0,4096}+(?:\\["\\/]' + _PLAIN + rb"{0,4096}+){0,15}+"
    begins, ends = _ascii(first, ""), _ascii("[^" + last[1:], "")
    return b'"(?=' + begins + b")" + simple + b"(?<=" + ends + b')"'


def _translated(rule: PropertyRule, body: str, *, letters: bool) -> bytes:
    tokens: list[str] = _TOKENS.findall(body)
    repetitions = tokens.count("+")
    most = (rule.schema.get("maxLength", _MAX_TEXT) - len(tokens)) // max(1, repetitions)
    forbidden = rule.forbidden or ""
    spelled = {"+": b"{1,%d}+" % most, "(": b"(?:", "}": b"}+", "?": b"?+"}
    made = b""
    for token in tokens:
        if _SET.fullmatch(token):
            made += _set(token, forbidden, letters=letters)
        else:
            made += spelled.get(token, token.encode())
    return made


def _set(allowed: str, forbidden: str, *, letters: bool) -> bytes:
    beyond = [raw for block, raw in _LETTERS if letters and _all_fit(block, allowed, forbidden)]
    plain = _ascii(allowed, forbidden)
    return b"(?:" + b"|".join([plain, *beyond]) + b")" if beyond else plain


@cache
def _ascii(allowed: str, forbidden: str) -> bytes:
    """The set of plain ASCII characters, as they may stand unescaped in a JSON text, that one set has and another has not."""
    found = [
        code
        for code in range(0x20, 0x7F)
        if chr(code) not in '"\\'
        and re.fullmatch(allowed, chr(code))
        and not (forbidden and re.search(forbidden, chr(code)))
    ]
    firsts = [code for code in found if code - 1 not in found]
    lasts = [code for code in found if code + 1 not in found]
    return b"[" + b"".join(rb"\x%02x-\x%02x" % pair for pair in zip(firsts, lasts, strict=True)) + b"]"


@cache
def _all_fit(block: range, allowed: str, forbidden: str) -> bool:
    text = _text(block)
    return bool(re.fullmatch(allowed + "+", text)) and not (forbidden and re.search(forbidden, text))


@cache
def _text(block: range) -> str:
    return "".join(map(chr, block))


def _raw(word: str) -> bytes:
    return json.dumps(word, ensure_ascii=False)[1:-1].encode()
