/* epoch.c -- increments count at once; decrements when every thread has come by since.
 *
 * Claim         CORRECT for counting, whoever counts, and for a borrowed read: what a thread
 *               has read out of an owning place lives until its own next quiescent point, so
 *               that it can be counted then.  Not for a reference that is kept longer
 *               uncounted; not in time; and a count of one tells nothing, since a reader may
 *               be about to count, so nothing is ever unique.
 * Follows       K. Fraser, "Practical lock-freedom", 2004, epochs; P. McKenney, J. Slingwine,
 *               1998, and CPython 3.13 without a GIL, Python/qsbr.c, quiescent states;
 *               D. Anderson, G. Blelloch, Y. Wei, "Concurrent deferred reference counting",
 *               PLDI 2021: it is the decrement that is retired.
 * State         ob_refcnt: the references, and the decrements that are put off.  A thread's
 *               four lanes: how many it has put off in each epoch.  The epoch, 0 to 3, and
 *               what each thread has announced of it.
 * Steps         incref 1, decref 3; at a quiescent point 5 for each object, 4 to announce.
 * Memory order  a thread's lanes and what it announces are written by it alone.  It announces
 *               with release, and whoever moves the epoch on has acquired that from all; so
 *               what a thread did before is seen by everybody who reads the next epoch.
 * Invariant     ob_refcnt less all lanes equals the references.  The epoch is what a thread
 *               has announced, or the one after it.
 *
 * Why three epochs on: a thread that has announced a puts a decrement off when the epoch is
 * a or a + 1.  Who could have read the object before then has announced a + 1 at most, and
 * has to announce a + 2, at a quiescent point, before there is an epoch a + 3.  With the
 * epoch itself read at the decrement two would do, and that read would need a full fence.
 */
#include "modes/epoch_words.h"

#define RR_EPOCH(name) rr_epoch_##name
#define RR_EPOCHS_ON 3

#include "modes/epoch_count.h"

RR_MODE_TABLE(epoch, RR_EPOCH_WORDS,
                        .arrive = rr_epoch_arrive,
                        .quiesce = rr_epoch_quiesce,
                        .detach = rr_epoch_detach,
                        .attach = rr_epoch_attach,
                        .leave = rr_epoch_leave,
                        .collapse = rr_epoch_collapse);

#undef RR_EPOCH
#undef RR_EPOCHS_ON
