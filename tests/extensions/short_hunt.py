"""A hunt in an extension that ends with its first finding."""

import refrace

SEED = 14


def hunt(twin, form, seconds):
    """Hunt up to the first finding, or until the time is over; return the report."""

    def stop_at_a_finding(progress):
        if progress.findings:
            raise KeyboardInterrupt

    try:
        return refrace.hunt(
            twin.subject(form),
            threads=2 if twin.needs_threads else 1,
            seconds=seconds,
            seed=SEED,
            store=False,
            progress=stop_at_a_finding,
        )
    except refrace.Interrupted as stopped:
        return stopped.report
