/* build_rounds.c -- every mode once more, for loops over many objects.
 *
 * The same native operations as in build_native.c, but each of them looks up its thread
 * and its lanes: a loop over one object may look them up once, a loop over many may not.
 */
#define RC_NATIVE
#define RR_FINDS_ANEW

#include "modes/add_then_undo.c"
#include "modes/atomic.c"
#include "modes/atomic_cas.c"
#include "modes/biased.c"
#include "modes/biased_as_printed.c"
#include "modes/biased_publish_first.c"
#include "modes/biased_suspend.c"
#include "modes/biased_undrained.c"
#include "modes/biased_unsuspended.c"
#include "modes/biased_weak_queue.c"
#include "modes/decrements_first.c"
#include "modes/deferred.c"
#include "modes/epoch.c"
#include "modes/epoch_too_soon.c"
#include "modes/free_by_second_load.c"
#include "modes/free_inside_lock.c"
#include "modes/gil.c"
#include "modes/global_lock.c"
#include "modes/immortal.c"
#include "modes/mixed_width.c"
#include "modes/object_lock.c"
#include "modes/per_thread.c"
#include "modes/saturating.c"
#include "modes/sign_split.c"
#include "modes/sticky.c"
#include "modes/temporary_count.c"
#include "modes/unlocked.c"

#include "modes/catalogue.h"
#include "modes/rounds.h"

const rr_mode *const rr_round_modes[RR_N_MODES] = {
#define RR_MODE(id, ...) &RR_MODE_SYMBOL(id),
#include "modes/modes.def"
#undef RR_MODE
};
