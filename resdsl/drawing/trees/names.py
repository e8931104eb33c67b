"""Names of what is drawn, given as the graph of operators (`analysis/graph`) gives them."""

from __future__ import annotations


class Names:
    """Those of one figure or column, each given once."""

    def __init__(self) -> None:
        # By name, the number that was given last to another of its word.
        self._last: dict[str, int] = {}

    def reserve(self, name: str) -> None:
        """Nothing gets a name that something else has."""
        self._last.setdefault(name, 0)

    def free(self, word: str) -> str:
        """Later ones of a word get a number."""
        name, number = word, self._last.get(word, 0)
        while name in self._last:
            number += 1
            name = f"{word}_{number}"
        self._last[word] = number
        self.reserve(name)
        return name
