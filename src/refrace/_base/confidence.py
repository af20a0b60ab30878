"""Exact confidence bounds for a probability."""

from __future__ import annotations

import math

__all__ = ["CONFIDENCE", "interval", "upper_bound"]

CONFIDENCE = 0.95
"""Confidence of every reported bound."""

_HALVINGS = 60  # enough for the last bit of a float


def upper_bound(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Return the Clopper-Pearson upper bound for a probability.

    Parameters
    ----------
    k, n : int
        Number of events and of independent trials, ``0 <= k <= n``.
    confidence : float
        Probability, before the trials, that the bound holds; 0 to 1, exclusive.

    Returns
    -------
    float
        The largest probability for which at most `k` events in `n` trials have a
        probability of at least ``1 - confidence``; 1 without trials.  For ``k == 0``
        it is ``1 - (1 - confidence)**(1/n)``, about 3/n at 95%: the rule of three.

    References
    ----------
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated
    in the case of the binomial", Biometrika 26, 1934.
    """
    if k >= n:
        return 1.0
    doubt = 1 - confidence
    if k == 0:
        return -math.expm1(math.log(doubt) / n)
    low, high = k / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(k, n, middle) > doubt:
            low = middle
        else:
            high = middle
    return high


def interval(k: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the two-sided Clopper-Pearson interval with equal tails."""
    each = (1 + confidence) / 2
    return 1 - upper_bound(n - k, n, each), upper_bound(k, n, each)


def _at_most(k: int, n: int, p: float) -> float:
    """Return the probability of at most `k` events in `n` trials, for ``p > k/n``."""
    if p >= 1:
        return 0.0
    log_term = (
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )
    # For p above k/n the terms decrease, from k down, at least as fast as a geometric
    # series.  Stop when the rest is below the precision of a float.
    term = total = math.exp(log_term)
    for i in range(k, 0, -1):
        term *= i / (n - i + 1) * (1 - p) / p
        total += term
        if term <= total * 1e-17:
            break
    return total
