"""Exact confidence bounds for how often something happens."""

from __future__ import annotations

import math

__all__ = ["CONFIDENCE", "interval", "upper_bound"]

CONFIDENCE = 0.95
"""Confidence of every bound that is reported."""

_HALVINGS = 60  # the bound is then exact to the last bit of a float


def upper_bound(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Return the Clopper-Pearson upper bound for a probability.

    Parameters
    ----------
    k, n : int
        How often it happened in how many independent trials, ``0 <= k <= n``.
    confidence : float
        Probability, before the trials, that the bound will hold; 0 to 1, exclusive.

    Returns
    -------
    float
        The largest probability under which `k` or fewer of `n` happen at least as
        often as one less `confidence`; 1 if there were no trials.  For ``k == 0``
        it is ``1 - (1 - confidence)**(1/n)``, some 3/n at 95%: the rule of three.

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
    """Return the two-sided Clopper-Pearson interval, each side with half the doubt."""
    each = (1 + confidence) / 2
    return 1 - upper_bound(n - k, n, each), upper_bound(k, n, each)


def _at_most(k: int, n: int, p: float) -> float:
    """Return the probability of at most `k` of `n`, for ``p > k/n``."""
    if p >= 1:
        return 0.0
    log_term = (
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )
    # Above k/n the terms fall off, from k downwards, at least as fast as a geometric
    # series: the rest is dropped once it cannot be seen.
    term = total = math.exp(log_term)
    for i in range(k, 0, -1):
        term *= i / (n - i + 1) * (1 - p) / p
        total += term
        if term <= total * 1e-17:
            break
    return total
