/* epoch.c -- increments apply at once; decrements once every thread has quiesced since.
 *
 * Claim         CORRECT for counting by any thread, and for borrowed reads: an object
 *               that a thread has read from an owning place lives until that thread's
 *               next quiescent point and may be counted until then.  A reference kept
 *               uncounted for longer is not protected.  It frees late.  Nothing is ever
 *               unique: a reader may be about to count the object.
 * Follows       K. Fraser, "Practical lock-freedom", 2004, epochs; P. McKenney, J.
 *               Slingwine, 1998, and CPython 3.13 without a GIL, Python/qsbr.c, quiescent
 *               states; D. Anderson, G. Blelloch, Y. Wei, "Concurrent deferred reference
 *               counting", PLDI 2021: the decrement is what is retired.
 * State         ob_refcnt: the references plus the deferred decrements.  Each thread's
 *               four lanes: how many it has deferred in each epoch.  The epoch, 0 to 3,
 *               and the epoch that each thread has announced.
 * Steps         incref 1, decref 3; at a quiescent point 5 per object, 4 to announce.
 * Memory order  only the thread itself writes its lanes and its announcement.  It
 *               announces with release, and the thread that advances the epoch acquires
 *               from all.  So a reader of the next epoch sees all earlier work.
 * Invariant     ob_refcnt minus all lanes equals the references.  The epoch is the one
 *               that a thread has announced, or the one after it.
 *
 * Why three epochs: a thread that has announced a defers a decrement while the epoch is a
 * or a + 1.  A thread that could read the object before that has announced a + 1 at most,
 * and must announce a + 2, at a quiescent point, before epoch a + 3 can begin.  If the
 * decrement read the epoch itself, two would do, but that read would need a full fence.
 */
#include "modes/epoch_words.h"

#define RR_EPOCH(name) rr_epoch_##name
#define RR_EPOCHS_ON 3

#include "modes/epoch_count.h"

RR_MODE_CARD(epoch, .place = 23, .claim = RR_CORRECT,
    .title = "epochs",
    .summary =
        "increments apply at once, decrements once every thread has passed a "
        "quiescent point",
    .incref_steps = 1, .decref_steps = 3,
    .layout = RR_LAYOUT_EPOCH,
    .limits = "a borrowed reference kept past the reader's next quiescent point",
    .source =
        "Fraser 2004; CPython 3.13: Python/qsbr.c; Anderson, Blelloch, Wei, PLDI 2021");

RR_MODE_TABLE(epoch, RR_EPOCH_WORDS,
                        .arrive = rr_epoch_arrive,
                        .quiesce = rr_epoch_quiesce,
                        .detach = rr_epoch_detach,
                        .attach = rr_epoch_attach,
                        .leave = rr_epoch_leave,
                        .collapse = rr_epoch_collapse);

#undef RR_EPOCH
#undef RR_EPOCHS_ON
