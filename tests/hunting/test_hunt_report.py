"""The report of a hunt: what it says of findings, and of none."""

import dataclasses
import json

import pytest
from hunting.fakes.reports import LOADED, hunt_finding, hunt_report

import refrace


def words(text):
    return " ".join(str(text).split())


def test_the_first_line_is_the_answer():
    report = hunt_report(hunt_finding(), hunt_finding(kind="leak", operations=("get",)))

    assert str(report).startswith("mylib_subjects:Cache: over-decref in put:")
    assert "And 1 other finding." in words(report)
    assert report.judgement == "findings"


def test_a_finding_has_everything_that_a_bug_report_needs():
    text = words(hunt_report(hunt_finding()))

    assert "put(c0)" in text
    assert "Seen again in 9 of 10 runs of at least 1 round" in text
    assert "(rate 90%, 95% interval 55% to 100%)" in text
    assert "In C: put at /src/mylib.c:42." in text
    assert "refrace gallery decref-of-a-borrow" in text
    assert "line 9 in put" in text
    assert "The same operations also showed: use-after-free." in text
    assert "def test_put():" in text
    assert "Kept in /home/me/.refrace" in text


def test_only_the_first_finding_prints_its_test():
    report = hunt_report(
        hunt_finding(), hunt_finding(kind="leak", reproducer="def test_other(): ...")
    )

    assert "def test_other" not in str(report)
    assert "Its test is findings[1].reproducer." in str(report)
    assert report.findings[1].reproducer == "def test_other(): ..."


def test_no_line_is_wider_than_80_columns_except_in_code():
    long = hunt_finding(
        python_stacks=(f'  File "/{"folder/" * 30}subjects.py", line 9 in put',),
        message="m " * 100,
    )
    text = str(hunt_report(long, notes=("n " * 100,), not_compared=("c " * 100,)))

    assert max(map(len, text.splitlines())) <= 80
    assert 'subjects.py", line 9 in put' in text


def test_nothing_found_states_what_was_run_and_the_bound():
    report = hunt_report()
    text = words(report)

    assert report.judgement == "clean"
    assert "nothing found in 300 programs (25,000 rounds), which is not a proof" in text
    assert report.bound == pytest.approx(1 - 0.05 ** (1 / 300))
    assert "fewer than 0.99% of programs" in text
    assert "50% with one thread" in text
    assert "Not watched: objects that are not canaries" in text
    report.raise_unless_conclusive()
    with pytest.raises(refrace.NotProved):
        report.raise_unless_proved()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"overlap": 0.0001}, "in only 0.01% of the time; raise repeats"),
        ({"programs_threads": 0}, "no program with several threads ran"),
        ({"programs": 0, "programs_threads": 0}, "no program ran to its end"),
        ({"rounds": 0}, "no program ran to its end"),
        (
            {"returned": (), "only_raised": ("put: TypeError",)},
            "every call raised (put: TypeError); give the arguments strategies",
        ),
        ({"limit": "interrupt"}, "it was interrupted; let it run"),
    ],
)
def test_a_hunt_that_tells_nothing_is_inconclusive_and_names_the_cure(changes, reason):
    report = hunt_report(**changes)

    assert report.judgement == "inconclusive"
    assert reason in words(report)
    with pytest.raises(refrace.Inconclusive):
        report.raise_unless_conclusive()


def test_operations_that_only_raised_are_named():
    report = hunt_report(returned=("get",), only_raised=("put: TypeError",))

    assert report.judgement == "clean"
    assert "Some operations only raised (put: TypeError)" in words(report)


def test_with_one_thread_there_is_no_overlap_to_ask_for():
    report = hunt_report(threads=(1,), programs_threads=0, overlap=0.0)

    assert report.conclusive
    assert "overlap" not in str(report)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"gil_before": False, "gil_after": True},
            "Loading the subject enabled the GIL: an extension does not declare",
        ),
        (
            {"extensions": (), "missing_extensions": ("multidict._multidict",)},
            "Could not be imported: multidict._multidict. The hunt may have tested",
        ),
        (
            {"extensions": ()},
            "loaded no extension module outside the standard library",
        ),
        ({"python_threads": 2}, "started 2 Python threads, which the children lack"),
    ],
)
def test_what_loading_the_subject_did_is_pointed_out(changes, text):
    report = hunt_report(loaded=dataclasses.replace(LOADED, **changes))

    assert text in words(report)


def test_a_hunt_in_this_process_says_what_that_risks():
    assert "Ran in this process (isolate=False)" in words(hunt_report(isolated=False))


def test_a_report_survives_json():
    report = hunt_report(hunt_finding(), notes=("a note",))

    again = refrace.HuntReport.from_json(report.to_json())

    assert again == report
    assert refrace.read_result(report.to_json()) == report
    assert str(again) == str(report)
    assert again.findings[0].program.operations == ("put",)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["found", 0, "kind"], "theft"),
        (["found", 0, "shown"], 11),
        (["found", 0, "token"], "rh1:no"),
        (["programs_threads"], 301),
        (["overlap"], 1.5),
        (["seed"], -1),
        (["version"], 2),
        (["judgement"], "clean"),
    ],
)
def test_stored_data_that_does_not_fit_is_refused(path, value):
    data = json.loads(hunt_report(hunt_finding()).to_json())
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(refrace.InvalidData):
        refrace.HuntReport.from_dict(data)


def test_html_has_the_answer_and_escapes_the_program():
    report = hunt_report(hunt_finding(source="put(<c0>)\n"))

    page = report._repr_html_()

    assert "over-decref in put" in page
    assert "put(&lt;c0&gt;)" in page


def test_a_finding_that_was_not_run_again_says_so():
    text = words(hunt_report(hunt_finding(shown=0, runs=0, rate=0.0)))

    assert "its rate is unknown" in text
