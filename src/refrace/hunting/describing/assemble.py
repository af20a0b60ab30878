"""The report of a campaign: its findings with all that is known about them."""

from __future__ import annotations

from typing import Literal

from refrace.environment import Environment
from refrace.hunting.describing.location import line_of
from refrace.hunting.describing.nearest_pattern import nearest_pattern
from refrace.hunting.describing.pattern_of_trace import pattern_of_trace
from refrace.hunting.describing.program_token import program_token
from refrace.hunting.describing.reproducer import SubjectText, reproducer_of
from refrace.hunting.finding import HuntFinding
from refrace.hunting.hunt_report import HuntReport
from refrace.hunting.schedules.native_token import NativeRunKey
from refrace.hunting.search.campaign import Campaign
from refrace.hunting.search.sighting import Sighting
from refrace.hunting.shrinking.shrink import Shrunk

__all__ = ["report_of"]

_LEAST_TEST_S = 5.0
_MOST_TEST_S = 60.0


def report_of(
    campaign: Campaign,
    text: SubjectText,
    limit: Literal["interrupt"] | None,
    elapsed_s: float,
    *,
    isolated: bool,
) -> HuntReport:
    """Return the report of a campaign that has ended, or was interrupted.

    Parameters
    ----------
    campaign : Campaign
        What was done.
    text : SubjectText
        How a test gets the subject.
    limit : {"interrupt"} or None
        What ended it early.
    elapsed_s : float
        Its time in seconds.
    isolated : bool
        Whether programs ran in child processes.
    """
    tally = campaign.tally
    environment = Environment.current()
    many_s = tally.run_s - tally.single_s
    shrunk = {one.sighting.key: one for one in campaign.shrunk.values()}
    return HuntReport(
        subject=campaign.settings.source.name,
        found=tuple(
            _finding(one, shrunk.get(one.key), text, environment, campaign)
            for one in campaign.ordered()
        ),
        threads=campaign.settings.threads,
        seconds=campaign.settings.seconds,
        seed=campaign.seed,
        repeats=campaign.settings.repeats,
        isolated=isolated,
        programs=tally.programs,
        programs_threads=tally.programs_threads,
        rounds=tally.rounds,
        rounds_threads=tally.rounds_threads,
        run_s=tally.run_s,
        single_s=min(tally.single_s, tally.run_s),
        overlap=min(1.0, tally.overlap_s / many_s) if many_s > 0 else 0.0,
        children=tally.children,
        batches=tally.batches,
        batches_lost=campaign.batches_lost,
        batches_resumed=campaign.batches_resumed,
        stored_tried=campaign.stored_tried,
        limit=limit,
        notes=campaign.notes,
        not_compared=tally.not_compared,
        explored=tally.explored,
        returned=tally.returned,
        only_raised=tally.only_raised,
        loaded=tally.loaded,
        store=None
        if campaign.settings.folder is None
        else str(campaign.settings.folder),
        elapsed_s=elapsed_s,
        environment=environment,
    )


def _finding(
    sighting: Sighting,
    shrunk: Shrunk | None,
    text: SubjectText,
    environment: Environment,
    campaign: Campaign,
) -> HuntFinding:
    if shrunk is None:
        rounds = campaign.settings.repeats or sighting.default_rounds
        shrunk = Shrunk(sighting, rounds, 0, 0, 0)
    places = list(dict.fromkeys(line_of(place) for place in sighting.places))
    token = program_token(sighting.stored_program())
    replay_token = _replay_token(sighting, campaign)
    reproducer = reproducer_of(
        text,
        kind=sighting.kind,
        operations=sighting.operations,
        message=sighting.message,
        source=sighting.source,
        token=token,
        found_with=str(environment),
        seconds=_test_seconds(shrunk),
        arguments=campaign.settings.arguments,
        build=campaign.settings.build,
        replay_token=replay_token,
    )
    return HuntFinding(
        kind=sighting.kind,  # type: ignore[arg-type]
        message=sighting.message,
        operations=sighting.operations,
        token=token,
        source=sighting.source,
        threads=sighting.threads,
        rounds=shrunk.rounds,
        shown=shrunk.shown,
        runs=shrunk.runs,
        rate=shrunk.rate,
        interval=shrunk.interval if shrunk.runs else (0.0, 1.0),
        programs=sighting.programs,
        also=sighting.also,
        c_location=", ".join(places[:3]) or None,
        python_stacks=sighting.python_stacks,
        native_trace=sighting.native_trace,
        replay_token=replay_token,
        pattern=_pattern_of(sighting),
        reproducer=reproducer,
    )


def _replay_token(sighting: Sighting, campaign: Campaign) -> str | None:
    if sighting.native_run is None:
        return None
    settings = campaign.settings
    return NativeRunKey(
        subject=settings.source.name,
        program=sighting.stored_program(),
        kind=sighting.kind,
        operations=sighting.operations,
        folder=settings.build or "",
        run=sighting.native_run,
    ).token


def _test_seconds(shrunk: Shrunk) -> float:
    """Return a time limit that a test of the finding rarely reaches without it."""
    if shrunk.rate >= 1:
        return _LEAST_TEST_S
    return min(_MOST_TEST_S, _LEAST_TEST_S / max(0.05, shrunk.rate))


def _pattern_of(sighting: Sighting) -> str | None:
    shown = pattern_of_trace(sighting.kind, sighting.native_trace)
    if sighting.kind == "deadlock" and sighting.native_trace:
        return shown  # the trace says what each thread waits for
    return shown or nearest_pattern(sighting)
