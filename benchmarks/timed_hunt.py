"""One hunt up to its first finding, and the time that this took, as a line of JSON.

    python benchmarks/timed_hunt.py SECONDS SEED MODULE NAME [ARGUMENT ...]

The name is that of the subject, or, with arguments, of a function that returns it.
Modules are looked up on PYTHONPATH.
"""

import json
import sys
import time
from importlib import import_module

import refrace


def main():
    """Hunt and print what was found."""
    seconds, seed, module, name, *arguments = sys.argv[1:]
    subject = getattr(import_module(module), name)
    if arguments:
        subject = subject(*arguments)
    first = []
    begin = time.perf_counter()

    def stop_at_a_finding(progress):
        if progress.findings:
            first.append(time.perf_counter() - begin)
            raise KeyboardInterrupt

    try:
        report = refrace.hunt(
            subject,
            seconds=float(seconds),
            seed=int(seed),
            store=False,
            progress=stop_at_a_finding,
        )
    except refrace.Interrupted as stopped:
        report = stopped.report
    result = {
        "kinds": sorted({finding.kind for finding in report.findings}),
        "messages": [str(finding) for finding in report.findings],
        "first_s": first[0] if first else None,
        "elapsed_s": time.perf_counter() - begin,
        "programs": report.programs,
        "rounds": report.rounds,
        "overlap": report.overlap,
        "notes": list(report.notes),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
