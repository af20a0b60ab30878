/* epoch_too_soon.c -- epoch, with decrements applied two epochs later instead of three.
 *
 * Claim         BROKEN: a decrement is applied while a thread still uses what it read
 *               before.  Programs that count every reference they hold are correct.
 * Follows       K. Fraser, "Practical lock-freedom", 2004: two epochs are enough if the
 *               decrement reads the epoch when it is deferred.  Here it uses the epoch
 *               that the thread itself has announced, which may be the previous one.
 * State         as in epoch.
 * Steps         as in epoch.
 * Memory order  as in epoch.
 * Invariant     ob_refcnt minus all lanes equals the references, as in epoch.  It does
 *               not follow that no thread still reads an object that is freed.
 */
#include "modes/epoch_words.h"

#define RR_EPOCH(name) rr_epoch_too_soon_##name
#define RR_EPOCHS_ON 2

#include "modes/epoch_count.h"

RR_MODE_CARD(epoch_too_soon, .place = 25, .claim = RR_BROKEN,
    .title = "epochs, one too few",
    .summary = "epoch, but a deferred decrement is applied two epochs later, not three",
    .incref_steps = 1, .decref_steps = 3,
    .layout = RR_LAYOUT_EPOCH,
    .limits = "a reader that is one epoch ahead of the thread that drops the reference",
    .source = "Fraser 2004, with the thread's own epoch instead of the current one");

RR_MODE_TABLE(epoch_too_soon, RR_EPOCH_WORDS,
                        .arrive = rr_epoch_too_soon_arrive,
                        .quiesce = rr_epoch_too_soon_quiesce,
                        .detach = rr_epoch_too_soon_detach,
                        .attach = rr_epoch_too_soon_attach,
                        .leave = rr_epoch_too_soon_leave,
                        .collapse = rr_epoch_too_soon_collapse);

#undef RR_EPOCH
#undef RR_EPOCHS_ON
