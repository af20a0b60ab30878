"""Run the command line: ``python -m refrace`` does what ``refrace`` does.

From the first line here on, Ctrl-C ends the process with one line and exit code 3.
What comes before is the interpreter's own start, which no code of a package can guard.
"""

# The part of `signal` that is built in: importing the rest takes time, in which Ctrl-C
# would still print a traceback.
import _signal as signal  # type: ignore[import-not-found]
import os

__all__ = ["main"]

# That of refrace.cli.exit_codes, which is not imported yet when it may be needed.
INCONCLUSIVE = 3


def _leave(*_: object) -> None:
    """End the process at once: nothing has been started, or all has been ended."""
    try:
        os.write(2, b"refrace: interrupted\n")
    finally:
        os._exit(INCONCLUSIVE)


# Not if Ctrl-C is ignored, as in what a shell starts in the background.
_is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if __name__ == "__main__" and _is_interruptible:
    signal.signal(signal.SIGINT, _leave)


def main() -> int:
    """Run the command line as the one thing that this process does.

    Ctrl-C is ignored afterwards, so that it cannot change the exit code while the
    interpreter ends.
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
    except KeyboardInterrupt:  # before it began, or after it had ended
        _leave()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
