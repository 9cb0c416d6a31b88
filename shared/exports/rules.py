"""What a record must be, as one value: everything else in this package asks `Rules` and says nothing of its own.

The rules of a single property stand in the JSON Schema beside this file, with the sentences people read. `jsonschema` is
the judge. What a schema cannot say (a date that exists, whole characters, exact numbers) is in `validate`.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_CODE_VERSION: Final = 2
"""Goes up whenever the code of this package, not the schema, starts to judge or to write a record differently."""

_REMEMBERED_CHARACTERS: Final = 320
_LOOKED_AT: Final = frozenset(("type", "enum", "pattern", "not", "maxLength", "description", "x-gatepost"))
"""Keywords of a rule that says nothing else."""


@dataclass(frozen=True, eq=False)
class PropertyRule:
    """The rule of one property, as the schema states it.

    Attributes:
        name: the property's name.
        required: whether no record may lack it.
        schema: its own part of the JSON Schema.
    """

    name: str
    required: bool
    schema: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The code of a violation of this rule."""
        return str(self.schema["x-gatepost"]["code"])

    @property
    def pattern(self) -> str | None:
        """The regular expression that must be found in a text, if there is one."""
        pattern: str | None = self.schema.get("pattern")
        return pattern

    @property
    def forbidden(self) -> str | None:
        """The regular expression that must not be found in a text, if there is one."""
        forbidden: str | None = self.schema.get("not", {}).get("pattern")
        return forbidden

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The texts that are allowed; empty if the rule is no list of words."""
        return tuple(self.schema.get("enum", ()))

    def fits(self, value: Any) -> bool:
        """Whether a value keeps the rule: what the judge says, who remembers texts, since an export repeats its mistakes."""
        if not isinstance(value, str):
            return self._judge.is_valid(value)
        if self._surely_fits(value):
            return True
        return self._text_fits(value) if len(value) <= _REMEMBERED_CHARACTERS else self._judge.is_valid(value)

    def _surely_fits(self, text: str) -> bool:
        """Whether a text keeps all that the schema says, looked at as the judge does, but without asking it."""
        if not self._is_plain or len(text) > self._max_characters or (self.words and text not in self.words):
            return False
        pattern, forbidden = self._patterns
        return (pattern is None or pattern.search(text) is not None) and (
            forbidden is None or forbidden.search(text) is None
        )

    @cached_property
    def _is_plain(self) -> bool:
        """Whether the rule says nothing but what `_surely_fits` looks at."""
        return (
            _LOOKED_AT.issuperset(self.schema)
            and self.schema.get("type", "string") == "string"
            and self.schema.get("not", {"pattern": ""}).keys() == {"pattern"}
        )

    @cached_property
    def _max_characters(self) -> int:
        return int(self.schema.get("maxLength", sys.maxsize))

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        pattern, forbidden = self.pattern, self.forbidden
        return re.compile(pattern) if pattern else None, re.compile(forbidden) if forbidden else None

    def reason(self, value: Any) -> str:
        """What to say of a value that breaks the rule: a fixed sentence, the closest there is."""
        said = self.schema["x-gatepost"]
        if isinstance(value, str):
            for mistake in said.get("nearly", ()):
                if re.search(mistake["pattern"], value[:_REMEMBERED_CHARACTERS]):
                    return str(mistake["reason"])
        return str(said["reason"])

    @cached_property
    def _judge(self) -> "Draft202012Validator":
        from jsonschema import Draft202012Validator  # many files keep every rule, and need no judge

        return Draft202012Validator(dict(self.schema))

    @cached_property
    def _text_fits(self) -> Callable[[str], bool]:
        return lru_cache(maxsize=1024)(self._judge.is_valid)


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything a record is held against.

    Attributes:
        schema_bytes: the JSON Schema as it is published.
        max_record_bytes: how large one record may be, from `{` to `}`.
        max_depth: how many levels of `{` and `[` a record may have, its own `{` among them.
        max_violations: how many violations of one record are reported; more would only blow up the rejected file.
    """

    schema_bytes: bytes = field(repr=False)
    max_record_bytes: int = 1 << 20
    max_depth: int = 64
    max_violations: int = 100

    @cached_property
    def properties(self) -> Mapping[str, PropertyRule]:
        """The rules of the known properties by name, in the order in which violations are reported."""
        schema = json.loads(self.schema_bytes)
        required = schema["required"]
        return {
            name: PropertyRule(name, name in required, rule) for name, rule in schema["properties"].items()
        }

    @cached_property
    def required(self) -> frozenset[str]:
        """Names of the properties no record may lack."""
        return frozenset(name for name, rule in self.properties.items() if rule.required)

    @cached_property
    def digest(self) -> str:
        """Names these rules (SHA-256, hexadecimal): a ledger notes by which rules its batches were cut."""
        limits = f"{self.max_record_bytes} {self.max_depth} {_CODE_VERSION}"
        return hashlib.sha256(self.schema_bytes + limits.encode()).hexdigest()


RULES: Final = Rules(Path(__file__).with_name("record.schema.json").read_bytes())
"""The rules of the product."""
