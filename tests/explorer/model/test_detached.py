"""Detached threads: what they must not do, and what others do on their behalf."""

import pytest
from explorer.model.models import explore, model_of

import refrace
from refrace.findings import FindingKind

MODES = refrace.modes()
CORRECT = [mode.name for mode in MODES if mode.claim == "correct"]

# Only the owner frees what others drop last, and it is detached until then.
WAITS_FOR_ITSELF = """
slot S = null
int GONE = 0
obj A final f
hold T1.x = A
fn f: GONE = 1
T1: S = x ; detach ; await GONE ; attach
T2: await S ; z = swap S null ; decref z
"""

# The same with two threads that drop; the detached thread waits for both.
WAITS_FOR_BOTH = """
slot S = null
slot R = null
int GONE = 0
int BOTH = 0
obj A final f
obj B final f
hold T1.x = A
hold T1.y = B
fn f: n = finc GONE ; if n == 2 { BOTH = 1 }
T1: S = x ; R = y ; detach ; await BOTH ; attach
T2: await S ; z = swap S null ; decref z
T3: await R ; z = swap R null ; decref z
"""

# The finaliser waits for the owner, and the owner for nobody.
FINALISER_WAITS = """
slot S = null
int DETACHED = 0
int ATTACHED = 0
obj A final f
hold T1.x = A
fn f: await ATTACHED
T1: S = x ; detach ; DETACHED = 1 ; attach ; ATTACHED = 1
T2: await DETACHED ; z = swap S null ; decref z
"""

# Dropped by another thread, and by the owner, which is detached in between.
BOTH_DROP = """
hold T1.x = A
hold T2.x = A
T1: detach ; attach ; decref x
T2: decref x
"""


def kinds_of(text, mode, **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {kind for outcome in found.outcomes for kind in outcome}


def walked(text, schedule, mode):
    """Replay a schedule of threads (0 is T1)."""
    replay = model_of(text, mode).replay([4 * thread for thread in schedule])
    assert replay.misfit is None
    return replay


# ------------------------------------------------- while a thread is detached


def test_an_owner_that_is_detached_until_its_object_is_freed_waits_forever_if_biased():
    assert kinds_of(WAITS_FOR_ITSELF, "biased") == {FindingKind.DEADLOCK}


@pytest.mark.parametrize("text", [WAITS_FOR_ITSELF, WAITS_FOR_BOTH])
@pytest.mark.parametrize("mode", ["biased_suspend", "atomic", "sign_split"])
def test_the_owner_attaches_again_if_the_thread_that_drops_also_frees(mode, text):
    assert kinds_of(text, mode) == set()


def test_a_suspended_thread_is_resumed_before_the_dropped_object_ends():
    """Its finaliser may wait for the suspended thread."""
    assert kinds_of(FINALISER_WAITS, "biased_suspend") == set()


def test_an_owner_that_is_not_suspended_writes_words_that_are_being_merged():
    assert FindingKind.LEAK in kinds_of(BOTH_DROP, "biased_unsuspended")
    assert kinds_of(BOTH_DROP, "biased_suspend") == set()
    assert kinds_of(BOTH_DROP, "biased") == set()


def test_a_suspended_thread_does_not_come_back_before_it_is_resumed():
    # T1 detaches; T2 comes as far as the suspension: the owner, the shared word, the
    # attempt, the owner again, the push.
    replay = walked(BOTH_DROP, [0] + [1] * 6, "biased_suspend")
    last = replay.steps[-1]
    assert (last.place, last.before, last.after) == (
        "T1",
        "detached",
        "suspended",
    )

    model = model_of(BOTH_DROP, "biased_suspend")
    refused = model.replay([4 * thread for thread in [0, *[1] * 6, 0]])
    assert refused.misfit is not None

    # Taken out, merged by five accesses, and resumed: then it can.
    replay = walked(BOTH_DROP, [0, *[1] * 13, 0], "biased_suspend")
    assert [step.after for step in replay.steps[-2:]] == ["detached", "attached"]
    assert replay.state.objects["A"].count == 1


def test_a_thread_is_detached_in_the_step_that_finds_its_queue_empty():
    # T2 has pushed, and reads only when T1 has settled and is detached.
    replay = walked(BOTH_DROP, [*[1] * 5, *[0] * 7, 1], "biased_suspend")

    assert [step.operation for step in replay.steps[5:]] == [
        *["detach"] * 7,
        "decref",
    ]
    assert replay.steps[11].place == "T1.queue"
    assert (replay.steps[12].before, replay.steps[12].after) == (
        "detached",
        "suspended",
    )


@pytest.mark.parametrize("mode", [mode for mode in MODES if not mode.settles])
def test_to_sleep_is_a_step_of_the_thread_where_the_mode_has_nothing_to_do(mode):
    replay = walked("T1: detach ; attach", [0, 0], mode.name)

    assert [
        (step.operation, step.place, step.before, step.after)
        for step in replay.steps[:2]
    ] == [
        ("detach", "T1", "attached", "detached"),
        ("attach", "T1", "detached", "attached"),
    ]


def test_deferred_work_is_settled_before_a_thread_detaches():
    text = """
    int ATTACHED = 0
    hold T1.x = A
    T1: decref x ; detach ; await ATTACHED ; attach
    T2: ATTACHED = 1
    """
    replay = walked(text, [0] * 8, "deferred")

    assert replay.steps[-1].operation == "free-memory"
    assert replay.state.objects["A"].status == "freed"


def test_no_thread_waits_for_a_detached_thread_to_announce_an_epoch():
    text = """
    int DETACHED = 0
    int GONE = 0
    obj A final f
    hold T2.x = A
    fn f: GONE = 1
    T1: detach ; DETACHED = 1 ; await GONE ; attach
    T2: await DETACHED ; decref x ; quiesce
    """
    assert kinds_of(text, "epoch") == set()
    attached = text.replace("detach ; ", "").replace(" ; attach", "")
    assert kinds_of(attached, "epoch") == {FindingKind.DEADLOCK}


@pytest.mark.parametrize("mode", ["biased", "biased_suspend", "deferred", "epoch"])
def test_identical_threads_that_sleep_are_exchanged_like_all_others(mode):
    text = """
    slot S = A
    T1: detach ; attach ; x = upgrade S ; if x != null { decref x }
    T2: detach ; attach ; x = upgrade S ; if x != null { decref x }
    """
    together, apart = (explore(text, mode, symmetry=there) for there in (True, False))

    assert together.states < apart.states
    assert together.outcomes == apart.outcomes


# ------------------------------------------------------------- what is an error


@pytest.mark.parametrize(
    "body",
    [
        "detach ; y = new N ; attach",
        "detach ; y = renew A ; attach",
        "detach ; quiesce ; attach",
        "detach ; detach ; attach",
        "detach",
    ],
)
@pytest.mark.parametrize("mode", ["atomic", "biased", "biased_suspend", "epoch"])
def test_a_detached_thread_must_not_make_objects_settle_or_end(mode, body):
    text = f"type N\nslot S = A\nhold T1.x = A\nT1: {body}"

    with pytest.raises(refrace.InvalidProgram, match="while it is detached"):
        refrace.explore(text, mode)


@pytest.mark.parametrize("mode", ["atomic", "biased", "biased_suspend", "epoch"])
def test_an_attached_thread_must_not_attach(mode):
    with pytest.raises(refrace.InvalidProgram, match="while it is already attached"):
        refrace.explore("T1: detach ; attach ; attach", mode)
    with pytest.raises(refrace.InvalidProgram, match="while it is already attached"):
        refrace.explore("T1: attach", mode)


def test_a_finaliser_may_detach_but_must_attach_again():
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: detach ; attach"

    assert kinds_of(text, "biased_suspend") == set()
    detached = text.replace(" ; attach", "")
    assert kinds_of(detached, "biased_suspend") == {FindingKind.DETACHED_COUNT}
    with pytest.raises(refrace.InvalidProgram, match="while it is detached"):
        refrace.explore(detached, "atomic")


def test_a_detached_thread_may_do_anything_that_does_not_count():
    text = """
    int N = 0
    lock L
    vec V = [A]
    hold T1.x = A
    T1: detach ; use x ; N = 1 ; n = finc N ; lock L ; unlock L ; k = len V ; gil
      attach ; decref x
    """
    for mode in CORRECT:
        assert kinds_of(text, mode) == set()


def test_the_end_block_does_not_sleep():
    with pytest.raises(refrace.InvalidProgram, match="end"):
        refrace.Program.parse("T1: gil\nend: detach")


# ------------------------------------------------------------------ with the GIL

LOST = """
int N = 0
T1: {first}
T2: m = N ; N = m + 1
end: r = N ; assert r == 2
"""


def test_with_the_gil_a_detached_thread_runs_at_any_time():
    whole = LOST.format(first="n = N ; N = n + 1")
    detached = LOST.format(first="detach ; n = N ; N = n + 1 ; attach")

    assert kinds_of(whole, "atomic", gil="held") == set()
    assert kinds_of(detached, "atomic", gil="held") == {FindingKind.WRONG_VALUE}


def test_with_the_gil_only_one_attached_thread_runs_at_a_time():
    text = """
    int N = 0
    int M = 0
    T1: n = N ; N = n + 1
    T2: m = N ; N = m + 1
    T3: detach ; M = 1 ; M = 2 ; attach
    end: r = N ; assert r == 2
    """
    assert kinds_of(text, "atomic", gil="held") == set()


def test_detach_releases_the_gil_and_attach_waits_for_it():
    text = """
    int N = 0
    T1: N = 1 ; detach ; attach ; n = N ; assert n == 1 ; N = 1 ; k = N ; assert k == 1
    T2: N = 2 ; m = N ; assert m == 2 ; N = 1
    """
    # T2 is whole, so T1 never sees its 2.
    assert kinds_of(text, "atomic", gil="held") == set()
    assert kinds_of(text, "atomic") == {FindingKind.WRONG_VALUE}


@pytest.mark.parametrize("mode", CORRECT)
def test_with_the_gil_detached_threads_are_safe_in_every_correct_mode(mode):
    assert kinds_of(BOTH_DROP, mode, gil="held") == set()


def test_with_the_gil_no_other_thread_runs_while_a_thread_attaches():
    # T2 runs before T1 detaches, while it is detached, or after that.
    found = explore("T1: detach ; attach\nT2: fence", "epoch", "held")

    assert found.interleavings == 3


def test_with_the_gil_a_thread_that_a_detached_one_wakes_need_not_run_first():
    text = """
    int A = 0
    int B = 0
    int C = 0
    int N = 0
    int M = 0
    T1: await C ; A = 1 ; await N ; M = 1
    T2: await A ; B = 1 ; await N ; k = M ; assert k == 0
    T3: detach ; C = 1 ; await B ; N = 1 ; attach
    """
    # When N is 1, T1 and T2 both wait for it, and T2 has run last.
    assert kinds_of(text, "atomic", gil="held") == {FindingKind.WRONG_VALUE}
