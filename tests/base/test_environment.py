"""Where something was measured: the processor is named as far as the system does."""

import copy

import pytest

import refrace
from refrace.environment import processor_in

X86 = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC  9B14
stepping\t: 1

processor\t: 1
model name\t: another
"""
ARM = """processor\t: 0
BogoMIPS\t: 50.00
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        (X86, "AMD EPYC 9B14 (family 25, model 17)"),
        (ARM, "implementer 0x41, part 0xd40"),
        ("model name\t: Some CPU @ 2.70GHz: fast\n", "Some CPU @ 2.70GHz: fast"),
        ("uarch\t: thead,c906\n", ""),
        ("", ""),
        ("no colon", ""),
    ],
)
def test_the_first_processor_is_named_with_the_numbers_of_its_design(cpuinfo, name):
    assert processor_in(cpuinfo) == name


def test_a_known_name_is_shown_and_an_unknown_one_is_left_out():
    known = refrace.Environment("3.12.1", True, 2, "Linux x86_64", "AMD EPYC")
    unknown = refrace.Environment("3.12.1", True, 2, "Linux x86_64")

    assert str(known) == "CPython 3.12.1 (GIL), 2 cores, Linux x86_64, AMD EPYC"
    assert str(unknown) == "CPython 3.12.1 (GIL), 2 cores, Linux x86_64"


def test_a_result_that_was_stored_before_processors_were_named_is_still_read():
    report = refrace.race("atomic", objects=2, hold=2)
    old = copy.deepcopy(report.to_dict())
    del old["environment"]["processor"]

    read = refrace.RaceReport.from_dict(old)

    assert read.environment.processor == ""
    assert read.replace(environment=report.environment) == report
