"""Threads that sleep: what they may not do then, and what others do in their place."""

import pytest
from explorer.model.models import explore, model_of

import refrace
from refrace.findings import FindingKind

MODES = refrace.modes()
CORRECT = [mode.name for mode in MODES if mode.claim == "correct"]

# Only the owner frees what others drop last, and it sleeps until that is freed.
WAITS_FOR_ITSELF = """
slot S = null
int GONE = 0
obj A final f
hold T1.x = A
fn f: GONE = 1
T1: S = x ; detach ; await GONE ; attach
T2: await S ; z = swap S null ; decref z
"""

# The same with two that drop, and who sleeps waits for both.
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
int ASLEEP = 0
int AWAKE = 0
obj A final f
hold T1.x = A
fn f: await AWAKE
T1: S = x ; detach ; ASLEEP = 1 ; attach ; AWAKE = 1
T2: await ASLEEP ; z = swap S null ; decref z
"""

# Dropped by another, and by the owner, who sleeps in between.
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


# ------------------------------------------------------------ while one sleeps


def test_an_owner_that_sleeps_until_its_object_is_freed_sleeps_for_ever_if_biased():
    assert kinds_of(WAITS_FOR_ITSELF, "biased") == {FindingKind.DEADLOCK}


@pytest.mark.parametrize("text", [WAITS_FOR_ITSELF, WAITS_FOR_BOTH])
@pytest.mark.parametrize("mode", ["biased_suspend", "atomic", "sign_split"])
def test_where_whoever_drops_it_frees_it_the_sleeper_wakes_up(mode, text):
    assert kinds_of(text, mode) == set()


def test_a_sleeper_is_resumed_before_what_was_dropped_ends():
    """Its finaliser may wait for whoever was suspended."""
    assert kinds_of(FINALISER_WAITS, "biased_suspend") == set()


def test_an_owner_that_is_not_kept_asleep_writes_what_is_being_merged():
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
    # T2 has pushed, and looks only when T1 has settled, and sleeps.
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


def test_what_a_thread_has_put_off_is_settled_before_it_sleeps():
    text = """
    int AWAKE = 0
    hold T1.x = A
    T1: decref x ; detach ; await AWAKE ; attach
    T2: AWAKE = 1
    """
    replay = walked(text, [0] * 8, "deferred")

    assert replay.steps[-1].operation == "free-memory"
    assert replay.state.objects["A"].status == "freed"


def test_nobody_waits_for_a_sleeper_to_announce_an_epoch():
    text = """
    int ASLEEP = 0
    int GONE = 0
    obj A final f
    hold T2.x = A
    fn f: GONE = 1
    T1: detach ; ASLEEP = 1 ; await GONE ; attach
    T2: await ASLEEP ; decref x ; quiesce
    """
    assert kinds_of(text, "epoch") == set()
    awake = text.replace("detach ; ", "").replace(" ; attach", "")
    assert kinds_of(awake, "epoch") == {FindingKind.DEADLOCK}


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
        "detach ; incref x ; attach",
        "detach ; decref x ; attach",
        "detach ; u = unique x ; attach",
        "detach ; b = try_incref x ; attach",
        "detach ; y = upgrade S ; attach",
        "detach ; y = new N ; attach",
        "detach ; y = renew A ; attach",
        "detach ; dealloc x ; attach",
        "detach ; free x ; attach",
        "detach ; quiesce ; attach",
        "detach ; detach ; attach",
        "detach",
    ],
)
@pytest.mark.parametrize("mode", ["atomic", "biased", "biased_suspend", "epoch"])
def test_whoever_sleeps_counts_makes_and_ends_nothing(mode, body):
    text = f"type N\nslot S = A\nhold T1.x = A\nT1: {body}"

    with pytest.raises(refrace.InvalidProgram, match="while it is detached"):
        refrace.explore(text, mode)


@pytest.mark.parametrize("mode", ["atomic", "biased", "biased_suspend", "epoch"])
def test_whoever_is_awake_does_not_wake_up(mode):
    with pytest.raises(refrace.InvalidProgram, match="while it is already attached"):
        refrace.explore("T1: detach ; attach ; attach", mode)
    with pytest.raises(refrace.InvalidProgram, match="while it is already attached"):
        refrace.explore("T1: attach", mode)


def test_a_finaliser_may_sleep_but_has_to_wake_up():
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: detach ; attach"

    assert kinds_of(text, "biased_suspend") == set()
    with pytest.raises(refrace.InvalidProgram, match="while it is detached"):
        refrace.explore(text.replace(" ; attach", ""), "biased_suspend")


def test_a_sleeper_may_do_whatever_counts_nothing():
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


def test_with_the_gil_a_sleepers_steps_come_in_anywhere():
    whole = LOST.format(first="n = N ; N = n + 1")
    asleep = LOST.format(first="detach ; n = N ; N = n + 1 ; attach")

    assert kinds_of(whole, "atomic", gil="held") == set()
    assert kinds_of(asleep, "atomic", gil="held") == {FindingKind.WRONG_VALUE}


def test_with_the_gil_two_that_are_awake_are_apart_whoever_sleeps():
    text = """
    int N = 0
    int M = 0
    T1: n = N ; N = n + 1
    T2: m = N ; N = m + 1
    T3: detach ; M = 1 ; M = 2 ; attach
    end: r = N ; assert r == 2
    """
    assert kinds_of(text, "atomic", gil="held") == set()


def test_with_the_gil_a_thread_gives_it_up_to_sleep_and_waits_for_it_to_wake_up():
    text = """
    int N = 0
    T1: N = 1 ; detach ; attach ; n = N ; assert n == 1 ; N = 1 ; k = N ; assert k == 1
    T2: N = 2 ; m = N ; assert m == 2 ; N = 1
    """
    # T2 is whole, so T1 never sees its 2.
    assert kinds_of(text, "atomic", gil="held") == set()
    assert kinds_of(text, "atomic") == {FindingKind.WRONG_VALUE}


@pytest.mark.parametrize("mode", CORRECT)
def test_with_the_gil_sleepers_of_every_correct_mode_are_safe(mode):
    assert kinds_of(BOTH_DROP, mode, gil="held") == set()


def test_with_the_gil_nobody_comes_in_while_a_thread_attaches():
    # T2 comes before T1 sleeps, while it does, or after.
    found = explore("T1: detach ; attach\nT2: fence", "epoch", "held")

    assert found.interleavings == 3


def test_with_the_gil_whom_a_sleeper_wakes_up_has_no_right_to_go_first():
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


@pytest.mark.parametrize("mode", ["atomic", "biased_suspend"])
def test_whoever_sleeps_does_not_even_destroy_nothing(mode):
    with pytest.raises(refrace.InvalidProgram, match="while it is detached"):
        refrace.explore("T1: x = null ; detach ; free x ; attach", mode)
