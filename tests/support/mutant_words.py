"""Which tests speak of what a mutant changes: those that share rare words with it are likely to notice it."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from tests.support.mutant_list import Mutant
from tests.support.mutant_texts import TestTexts

_MOST: Final = 50.0
_PART: Final = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}|[0-9]{2,}")


class Words:
    """The words of tests, and how rare each is.

    Args:
        root: the project's folder.
        texts: of its tests.
        tests: all there are.
    """

    def __init__(self, root: Path, texts: TestTexts, tests: Iterable[str]) -> None:
        self._root = root
        self._of = {test: _words(test.partition("::")[2] + texts.own(test)) for test in tests}
        self._in = Counter(word for words in self._of.values() for word in words)

    def likeness(self, mutant: Mutant, tests: Iterable[str]) -> dict[str, float]:
        """How much of what a mutant's statement and its function's name say each test says too: 0 to 50, rare words counting most.

        Args:
            mutant: the change.
            tests: all that reach it.
        """
        lines = _lines(self._root / mutant.path)[mutant.first_line - 1 : mutant.last_line]
        rare = {
            word: math.log(len(self._of) / self._in[word])
            for word in _words(" ".join([Path(mutant.path).stem, mutant.function, *lines]))
            if word in self._in
        }
        found = {test: sum(rare.get(word, 0.0) for word in self._of.get(test, ())) for test in tests}
        most = max(found.values(), default=0.0) or 1.0
        return {test: _MOST * (shared / most) ** 2 for test, shared in found.items()}


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower().removesuffix("s") for word in _PART.findall(text))


@lru_cache(maxsize=8)
def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()
