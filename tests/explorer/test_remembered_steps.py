"""A search remembers steps, but not the end of a run, which depends on all threads."""

import refrace

# T2's step is the last one of a run if T1 has not called f.  Then the end block fails
# at once, with no step between.  In f, T1 may wait for T2 and use the null pointer.
FAILS_AT_ITS_END = """
int N = 0
raw S = null
T1: maybe f
T2: N = 1
fn f: n = N
  if n == 0 {
    await N ; s = S ; use s
  }
end: assert 1 == 2
"""


def test_the_last_step_of_a_run_is_not_the_last_one_of_others():
    """T2 stores before f looks, after it has looked, or T1 does not call f at all."""
    found = refrace.explore(FAILS_AT_ITS_END)

    assert {
        next(iter(kinds)).value: outcome.interleavings
        for kinds, outcome in found.outcomes.items()
    } == {"wrong-value": 4, "null-dereference": 1}
