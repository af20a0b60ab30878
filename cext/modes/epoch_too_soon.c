/* epoch_too_soon.c -- epoch, with decrements applied two epochs on instead of three.
 *
 * Claim         BROKEN: a decrement is applied while a thread still reads what it had read
 *               before.  Programs that count all that they hold are right in it.
 * Follows       K. Fraser, "Practical lock-freedom", 2004: two epochs are enough where the
 *               epoch is read when a decrement is put off.  Here that is the epoch which the
 *               thread itself has announced, and which may be the one before.
 * State         as in epoch.
 * Steps         as in epoch.
 * Memory order  as in epoch.
 * Invariant     ob_refcnt less all lanes equals the references, as in epoch; what is missing
 *               is that nobody reads any more what is freed.
 */
#include "modes/epoch_words.h"

#define RR_EPOCH(name) rr_epoch_too_soon_##name
#define RR_EPOCHS_ON 2

#include "modes/epoch_count.h"

RR_MODE_TABLE(epoch_too_soon, RR_EPOCH_WORDS,
                        .arrive = rr_epoch_too_soon_arrive,
                        .quiesce = rr_epoch_too_soon_quiesce,
                        .detach = rr_epoch_too_soon_detach,
                        .attach = rr_epoch_too_soon_attach,
                        .leave = rr_epoch_too_soon_leave,
                        .collapse = rr_epoch_too_soon_collapse);

#undef RR_EPOCH
#undef RR_EPOCHS_ON
