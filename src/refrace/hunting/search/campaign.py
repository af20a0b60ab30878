"""A hunt from its beginning to its report: stored findings, search, shrinking."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from typing import Self

from refrace.errors import InvalidData, RefraceError
from refrace.hunting.processes.zygote_process import ENGINE, ZygoteProcess
from refrace.hunting.progress import Doing, HuntProgress
from refrace.hunting.search.batch import (
    BatchOutcome,
    BatchRequest,
    new_zygote,
    run_batch,
)
from refrace.hunting.search.distinct import distinct
from refrace.hunting.search.fitness import check_fitness
from refrace.hunting.search.in_process import search_here
from refrace.hunting.search.settings import HuntSettings
from refrace.hunting.search.sighting import Sighting
from refrace.hunting.search.tally import Tally
from refrace.hunting.search.workers import search_on
from refrace.hunting.shrinking.shrink import Shrunk, shrink
from refrace.hunting.shrinking.trials import Trials
from refrace.hunting.storing.journal import Journal, JournalledHunt
from refrace.hunting.storing.store import Store, StoredFinding
from refrace.subjects import HuntProgram, Subject

__all__ = ["Campaign"]

_STORED = -1
"""The number of the batch of stored findings."""
_QUIET_SHARE = 0.25
"""A search that found something ends after this share of its time without news."""
_SHRINK_SHARE = 0.5
_LEAST_SHRINK_S = 5.0
_MOST_WORKER_S = 5.0
_LEAST_EACH_S = 3.0
_MOST_SHRUNK = 5

Never: Callable[[], bool] = lambda: False  # noqa: E731


class Campaign:
    """The state of a hunt; after an interrupt it has what was found so far.

    Attributes
    ----------
    settings : HuntSettings
        What was asked for.
    tally : Tally
        The figures so far.
    shrunk : dict
        The findings whose programs have been made smaller, by their key.
    seed : int
        Seed of the programs: of the hunt that is resumed, if one is.
    """

    def __init__(
        self,
        settings: HuntSettings,
        progress: Callable[[HuntProgress], object] | None,
        executor: Executor | None = None,
    ) -> None:
        self.settings = settings
        self.seed = settings.seed
        self.tally = Tally()
        self.shrunk: dict[tuple[str, tuple[str, ...]], Shrunk] = {}
        self.stored_tried = self.batches_resumed = self.batches_lost = 0
        self._progress = progress
        self._executor = executor
        self._stack = ExitStack()
        self._zygotes: dict[tuple[tuple[str, str], ...], ZygoteProcess] = {}
        self._store = None if settings.folder is None else Store(settings.folder)
        self._journal: Journal | None = None
        self._hunt = JournalledHunt(0, settings.seed)
        self._began = self._news = self._kept_at = 0.0
        self._used = 0.0
        self._sightings = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and close the journal; a second call does nothing."""
        self._stack.close()
        for zygote in self._zygotes.values():
            zygote.close()
        if self._journal is not None:
            self._journal.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened that is no finding, and the problems of the store."""
        store = [] if self._store is None else self._store.notes
        journal = [] if self._journal is None else self._journal.notes
        return (*self.tally.notes, *store, *journal)

    def run(self) -> None:
        """Run all parts."""
        self._tell("loading")
        zygote = self._zygote(self.settings.request(_STORED, self.seed, 0.0, ""))
        self.tally = self.tally.plus(Tally(loaded=zygote.loaded))
        if self.settings.engine == ENGINE:
            self._tell("checking")
            check_fitness(zygote)
        self._begin()
        if self.settings.program is not None:
            self._run_program()
        else:
            self._run_stored()
            self._search()
        self._shrink()
        self.keep()

    def run_here(self, subject: Subject) -> None:
        """Only search, in this process."""
        self._began = self._news = time.monotonic()
        engine = import_module(self.settings.engine)
        search_here(engine, subject, self.settings, self._add)

    def keep(self) -> None:
        """Store the findings, and note in the journal that the hunt is over."""
        if self._store is not None:
            for sighting in self.ordered():
                self._store.write_finding(
                    self.settings.source.name,
                    {
                        "kind": sighting.kind,
                        "operations": list(sighting.operations),
                        "message": sighting.message,
                        "source": sighting.source,
                        "program": sighting.stored_program(),
                    },
                )
        if self._journal is not None:
            self._journal.end(self._hunt)

    def ordered(self) -> list[Sighting]:
        """Return what was found, the most severe first, with the smallest programs."""
        return distinct(
            self.shrunk[one.key].sighting if one.key in self.shrunk else one
            for one in self.tally.sightings
        )

    def _begin(self) -> None:
        if self.settings.folder is not None and self.settings.program is None:
            self._journal = Journal(self.settings.folder)
            self._hunt = self._journal.begin(
                self.settings.key(), self.seed, any_seed=self.settings.any_seed
            )
            self.seed = self._hunt.seed
            self.batches_resumed = len(self._hunt.outcomes)
            for outcome in self._hunt.outcomes:
                self.tally = self.tally.plus(outcome.tally)
        self._began = self._news = self._kept_at = time.monotonic()
        self._used = self._hunt.seconds

    @property
    def _searched_s(self) -> float:
        return self._used + time.monotonic() - self._began if self._began else 0.0

    def _zygote(self, request: BatchRequest) -> ZygoteProcess:
        """Return a living zygote with the environment of a batch."""
        zygote = self._zygotes.get(request.environ)
        if zygote is None or not zygote.is_alive:
            if zygote is not None:
                zygote.close()
            zygote = new_zygote(request)
            self._zygotes[request.environ] = self._stack.enter_context(zygote)
        return zygote

    def _add(self, tally: Tally) -> None:
        before = len(self.tally.sightings)
        self.tally = self.tally.plus(tally)
        if len(self.tally.sightings) > before:
            self._news = time.monotonic()
        self._tell("searching")

    def _tell(self, doing: Doing) -> None:
        if self._progress is None:
            return
        many_s = self.tally.run_s - self.tally.single_s
        self._progress(
            HuntProgress(
                doing,
                min(self._searched_s, self.settings.seconds),
                self.settings.seconds,
                self.tally.programs,
                self.tally.rounds,
                self.tally.overlap_s / many_s if many_s else 0.0,
                len(self.tally.sightings),
            )
        )

    def _run_program(self) -> None:
        """Run the only program until it shows a finding or the time is over.

        With chosen schedules, also until all of them have been tried.
        """
        number = 0
        assert self.settings.program is not None
        while (left := self.settings.seconds - self._searched_s) > 0:
            # It may need the allocator that it was found with.
            allocator = self.settings.allocator_of(2) if number % 2 else ""
            request = self.settings.request(
                number, self.seed, left, allocator, programs=(self.settings.program,)
            )
            run_batch(request, self._zygote(request), Never, self._add)
            number += 1
            explored = self.tally.explored
            if self.tally.sightings or (explored is not None and explored.complete):
                return

    def _run_stored(self) -> None:
        if self._store is None:
            return
        stored = self._store.findings_of(self.settings.source.name)
        stored = [one for one in stored if self._is_readable(one)]
        if not stored:
            return
        self._tell("stored")
        ends = time.monotonic() + max(1.0, self.settings.seconds / 4)
        for one in stored:
            left = ends - time.monotonic()
            if left <= 0:
                break
            request = self.settings.request(
                _STORED, self.seed, left, "", programs=(one["program"],)
            )
            try:
                outcome = run_batch(request, self._zygote(request), Never, self._add)
            except RefraceError as error:  # the subject has changed since then
                self._add(Tally(notes=(f"stored findings were not run: {error}",)))
                break
            self.stored_tried += 1
            has_run = outcome.tally.programs and time.monotonic() < ends  # to its end
            if has_run and not outcome.tally.sightings:
                self._store.note_missed(one)

    def _is_readable(self, stored: StoredFinding) -> bool:
        """Return whether this version of refrace can read a stored program."""
        if self.settings.engine != ENGINE:
            return True
        try:
            HuntProgram.from_dict(stored["program"])
        except InvalidData as error:
            kind = stored["kind"]
            self._add(Tally(notes=(f"a stored {kind} was not run: {error}",)))
            return False
        return True

    def _is_over(self) -> bool:
        return self._searched_s >= self.settings.seconds or self._is_quiet()

    def _is_quiet(self) -> bool:
        """Return whether the search found something, and nothing new for some time."""
        quiet = time.monotonic() - self._news
        share = _QUIET_SHARE * self.settings.seconds
        return bool(self.tally.sightings) and quiet >= share

    def _search(self) -> None:
        done = {outcome.number for outcome in self._hunt.outcomes}
        if self._executor is not None:
            first = max(done, default=-1) + 1
            search_on(
                self._executor,
                lambda number: self._request(first + number),
                self._came_back,
                self._is_quiet,
                lambda: self._tell("searching"),
                time.monotonic() + self.settings.seconds - self._searched_s,
            )
            return
        number = 0
        while not self._is_over():
            if number not in done:
                request = self._request(number)
                outcome = run_batch(request, self._zygote(request), Never, self._add)
                self._journalled(outcome)
            number += 1

    def _request(self, number: int) -> BatchRequest:
        left = self.settings.seconds - self._searched_s
        whole = self.settings.batch_s
        if self._executor is not None:  # each starts its own processes
            whole = max(whole, min(_MOST_WORKER_S, self.settings.seconds / 4))
        seconds = max(0.05, min(whole, left))
        allocator = self.settings.allocator_of(number)
        return self.settings.request(
            number, self.seed, seconds, allocator, accepted=self.tally.taken
        )

    def _came_back(self, outcome: BatchOutcome | None) -> None:
        """Add a batch of a worker; None is one that is lost."""
        if outcome is None:
            self.batches_lost += 1
            return
        self._add(outcome.tally)
        self._journalled(outcome)

    def _journalled(self, outcome: BatchOutcome) -> None:
        now = time.monotonic()
        if self._journal is not None:
            self._journal.add(self._hunt, outcome, now - self._kept_at)
        self._kept_at = now

    def _shrink(self) -> None:
        self._tell("shrinking")
        found = self.ordered()[:_MOST_SHRUNK]
        least = _LEAST_SHRINK_S + _LEAST_EACH_S * (len(found) - 1)
        budget = max(least, _SHRINK_SHARE * self.settings.seconds)
        ends = time.monotonic() + budget
        for i, sighting in enumerate(found):
            now = time.monotonic()
            share = max(0.0, ends - now) / (len(found) - i)
            request = self.settings.request(_STORED, self.seed, 0.0, sighting.allocator)
            trials = Trials(
                lambda request=request: self._zygote(request),  # type: ignore[misc]
                sighting.kind,
                now + share,
                Never,
                self.settings.memory,
            )
            self.shrunk[sighting.key] = shrink(sighting, trials, self.settings.repeats)
            self.tally = replace(
                self.tally, children=self.tally.children + trials.children
            )
            self._tell("shrinking")
