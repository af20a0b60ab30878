"""Wait for ended threads that have not yet settled their counts."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from refrace._base.arguments import check_number
from refrace.catalogue.mode import Mode
from refrace.races.domains import domain_of

__all__ = ["WaitsForEnds"]

LONGEST_TIMEOUT_S = 1e6

# Seconds between two checks.  A thread settles some microseconds after its Python code.
LOOK_EVERY_S = 0.0005


class WaitsForEnds:
    """Base class of :class:`refrace.Object` that waits for ended threads."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def mode(self) -> Mode:
            """The mode of the object."""

    def wait_for_ended_threads(self, timeout: float = 10.0) -> bool:
        """Wait until threads that have ended have settled their counts.

        In a mode that defers work (:attr:`Mode.settles`), a thread settles it when its
        native thread ends, after the last Python code.  Before CPython 3.13,
        `threading.Thread.join` may return a moment earlier, and an object may still be
        :attr:`waiting`.  After this call it is not, unless it waits for a thread that
        is still running.

        Parameters
        ----------
        timeout : float
            Maximum time to wait in seconds, 0 to 1e6.  Default: 10.

        Returns
        -------
        bool
            Whether all these threads have settled; True in modes that defer nothing.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If `timeout` has the wrong type or is out of range.
        KeyboardInterrupt
            On Ctrl-C.

        Notes
        -----
        It waits for threads that have counted an object of this mode and no longer have
        a Python frame.  A thread that was started in C, has counted in a callback and
        continues without Python looks the same until it ends.

        Examples
        --------
        >>> import threading, refrace
        >>> thing = refrace.Object("deferred")
        >>> thread = threading.Thread(target=thing.incref)
        >>> thread.start()
        >>> thread.join()
        >>> thing.wait_for_ended_threads()
        True
        """
        timeout = check_number("timeout", timeout, low=0, high=LONGEST_TIMEOUT_S)
        domain = domain_of(self.mode.number)
        ends = time.monotonic() + timeout
        # Only threads that have ended by now: others may keep ending meanwhile.
        ended = set(domain.threads()) - set(sys._current_frames())
        while ended:
            if time.monotonic() >= ends:
                return False
            time.sleep(LOOK_EVERY_S)
            ended &= set(domain.threads())
            ended -= set(
                sys._current_frames()
            )  # a new thread may get an old identifier
        return True
