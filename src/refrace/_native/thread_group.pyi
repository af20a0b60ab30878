from collections.abc import Callable, Sequence

class ThreadProblem(Exception): ...

def run(
    targets: Sequence[Callable[[], object]],
    stop: Callable[[], object],
    on_look: Callable[[], object],
    look_every_s: float,
) -> None: ...
