"""The story that ``refrace demo`` tells."""

from __future__ import annotations

import time
from collections.abc import Callable

from refrace._base.interrupts import interrupted
from refrace.environment import Environment
from refrace.story.chapters import Measures, chapters
from refrace.story.story_report import Chapter, Story

__all__ = ["tell_story"]


def tell_story(
    on_chapter: Callable[[int, Chapter], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Story:
    """Tell the whole story and return it.

    Parameters
    ----------
    on_chapter : callable, optional
        Called with the number (from 1) and the chapter when it is ready.  Default:
        none.
    progress : callable, optional
        Called before each chapter with the chapters that are ready and their total.
        Default: none.

    Returns
    -------
    Story
        All chapters; they take some seconds.

    Raises
    ------
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the chapters completed so far.
    """
    began = time.monotonic()
    measures = Measures()
    to_tell = chapters()
    done: list[Chapter] = []

    def story() -> Story:
        return Story(
            tuple(done),
            len(to_tell),
            time.monotonic() - began,
            Environment.current(),
        )

    try:
        for number, chapter in enumerate(to_tell, 1):
            if progress is not None:
                progress(len(done), len(to_tell))
            done.append(chapter(measures))
            if on_chapter is not None:
                on_chapter(number, done[-1])
        return story()
    except KeyboardInterrupt:
        raise interrupted(story) from None
