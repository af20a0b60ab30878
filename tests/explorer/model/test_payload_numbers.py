"""Numbers of payloads: both explorers agree, with sequential consistency."""

from __future__ import annotations

import re

import pytest
from explorer.model.compare import same_answers, some_programs
from explorer.model.generate import random_program


def with_numbers(seed):
    """A generated program in which payloads are read and written with numbers."""
    text = random_program(seed)
    text = re.sub(r"\buse (\w+)", r"q = peek \1 ; assert q != 2", text)
    text = re.sub(r"\b(?:put|init|decref_rlx) (\w+)", r"poke \1 2", text)
    return re.sub(r"\bsetrc (\w+) (\d)", r"poke \1 \2", text)


@pytest.mark.parametrize("symmetry", [True, False])
@pytest.mark.parametrize(
    ("mode", "gil"), [("atomic", "released"), ("unlocked", "held")]
)
@some_programs(150, 2000)
def test_generated_programs_have_the_same_answer(n_programs, mode, gil, symmetry):
    answers = same_answers(with_numbers, range(n_programs), mode, gil, symmetry)
    kinds = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > n_programs // 2
    assert {"wrong-value", "use-after-free"} <= kinds
