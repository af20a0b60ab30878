"""Computes exact integers and fractions from their remainders modulo primes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import isqrt

__all__ = ["Remainders", "primes"]

WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
"""Bases that make the Miller-Rabin test exact below 3.3e24 (Sorenson, Webster 2015)."""


def _is_prime(n: int) -> bool:
    if any(n % p == 0 for p in WITNESSES):
        return n in WITNESSES
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in WITNESSES:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def primes() -> Iterator[int]:
    """Yield the primes below 2**62, the largest first."""
    n = 2**62 - 1
    while True:
        if _is_prime(n):
            yield n
        n -= 2


class Remainders:
    """Numbers known modulo a growing product of primes (Chinese remainders)."""

    def __init__(self, n_numbers: int) -> None:
        self.modulus = 1
        self._values = [0] * n_numbers

    def add(self, prime: int, remainders: list[int]) -> None:
        """Add the remainders of the numbers modulo another prime."""
        inverse = pow(self.modulus, -1, prime)
        for i, remainder in enumerate(remainders):
            known = self._values[i]
            more = (remainder - known) * inverse % prime
            self._values[i] = known + self.modulus * more
        self.modulus *= prime

    def integers(self) -> list[int]:
        """Return the numbers, if they are integers from 0 to below the modulus."""
        return list(self._values)

    def over(self, denominator: int) -> list[Fraction]:
        """Return the numbers, if `denominator` times each is such an integer."""
        return [
            Fraction(value * denominator % self.modulus, denominator)
            for value in self._values
        ]

    def fractions(self) -> list[Fraction] | None:
        """Return the smallest fractions that fit; None if a number has none.

        Numerator and denominator are at most the root of half the modulus (P. Wang:
        A p-adic algorithm for univariate partial fractions, SYMSAC 1981).
        """
        bound = isqrt(self.modulus // 2)
        found = []
        for value in self._values:
            r0, r1, t0, t1 = self.modulus, value, 0, 1
            while r1 > bound:
                quotient = r0 // r1
                r0, r1 = r1, r0 - quotient * r1
                t0, t1 = t1, t0 - quotient * t1
            if t1 == 0 or abs(t1) > bound:
                return None
            found.append(Fraction(r1, t1))
        return found
