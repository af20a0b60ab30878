"""Generated programs with finalisers: legal, although rare steps end them early."""

from hypothesis import HealthCheck, Phase, given, settings

from refrace import Program, strategies

FEATURES = ("finalisers", "interrupts", "integers", "slots")


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=300,
    phases=[Phase.generate],
)
@given(strategies.programs(max_threads=1, max_length=6, features=FEATURES))
def test_no_finaliser_leaves_a_region_that_is_masked(program):
    assert Program.parse(str(program)) == program
