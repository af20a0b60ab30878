"""Run the command line: ``python -m refrace`` does what ``refrace`` does."""

from refrace.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
