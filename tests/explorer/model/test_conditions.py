"""Conditions with `and`, `or` and `not`: both explorers agree, and text reads back."""

from random import Random

import pytest
from explorer.model.compare import same_answers

import refrace
from refrace import Program

PROGRAMS_PER_TEST = 120


def random_condition(random):
    predicates = []
    for _ in range(random.randint(1, 4)):
        negated = "not " if random.random() < 0.3 else ""
        form = random.choice(
            ["a == {}", "b < {}", "a", "b >= {}", "a != b", "x != null"]
        )
        predicates.append(negated + form.format(random.randint(0, 2)))
    joined = predicates[0]
    for predicate in predicates[1:]:
        joined += f" {random.choice(['and', 'or', 'or'])} {predicate}"
    return joined


def random_conditions(seed):
    """A thread that branches, loops and asserts on what two others store."""
    random = Random(seed)
    first, second, third = (random_condition(random) for _ in range(3))
    return f"""
    int A = 0
    int B = {random.randint(0, 2)}
    slot S = O
    T1: x = S ; a = A ; b = B
      if {first} {{
        A = 2
      }} else {{
        B = 0
      }}
      while {second} {{
        gil ; break
      }}
      assert {third}
    T2: A = 1 ; B = 2
    """


def test_generated_programs_have_the_same_answer():
    answers = same_answers(
        random_conditions, range(PROGRAMS_PER_TEST), "atomic", "released", True
    )
    kinds = [set(answer[0]) for answer in answers.values() if answer]

    assert len(answers) > PROGRAMS_PER_TEST // 2
    assert {"wrong-value"} in kinds
    assert set() in kinds


@pytest.mark.parametrize("seed", range(40))
def test_a_condition_reads_back_from_its_text_and_its_json(seed):
    program = Program.parse(random_conditions(seed))

    assert Program.parse(str(program)) == program
    assert Program.from_json(program.to_json()) == program
    assert program.normalised().normalised() == program.normalised()


def test_and_binds_closer_than_or():
    text = "int N = 1\nT1: n = N ; assert n == 1 or n == 2 and n == 3"

    assert refrace.explore(text).verdict == "safe"
    text = text.replace("n == 1 or n == 2 and n == 3", "n == 2 and n == 1 or n == 3")
    assert refrace.explore(text).verdict == "corrupt"
