"""Run the command line: ``python -m refrace`` does what ``refrace`` does.

From the first line of this module on, Ctrl-C ends the process with one line and exit
code 3.  A package cannot guard the start of the interpreter before that.
"""

# The built-in part of `signal`.  Importing the rest takes time in which Ctrl-C would
# still print a traceback.
import _signal as signal  # type: ignore[import-not-found]
import os

__all__ = ["main"]

# The same as in refrace.cli.exit_codes, which may not be imported yet when needed.
INCONCLUSIVE = 3


def _leave(*_: object) -> None:
    """End the process at once: no work has started, or all work has ended."""
    try:
        os.write(2, b"refrace: interrupted\n")
    finally:
        os._exit(INCONCLUSIVE)


# False if Ctrl-C is ignored, as in a process that a shell starts in the background.
_is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if __name__ == "__main__" and _is_interruptible:
    signal.signal(signal.SIGINT, _leave)


def main() -> int:
    """Run the command line as the only task of this process.

    Ctrl-C is ignored afterwards, so that it cannot change the exit code during
    interpreter shutdown.
    """
    if not _is_interruptible:
        from refrace.cli import main as run

        return run()
    signal.signal(signal.SIGINT, _leave)
    from refrace.cli import main as run

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:  # before it started, or after it ended
        _leave()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
