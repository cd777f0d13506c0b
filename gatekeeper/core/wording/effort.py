"""A limit to how much text is compared."""

from __future__ import annotations


class Effort:
    """How much may still be compared, in pairs of words; reading a character counts as four.

    It is counted, not timed, so that the same texts are always compared in the same way.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, characters: int) -> None:
        """Count characters that are split into words next."""
        self.left -= 4 * characters

    def compare(self, pairs: int) -> None:
        """Count pairs of words that are compared next."""
        self.left -= pairs

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is to be compared."""
        return self.left <= 0
