/* may_still.h -- what a thread may still do: an upper bound, from the program's text and
 * the ways of the mode's operations.
 *
 * The normal form of memory (explore/memory_form.c) drops what no thread can see any more.
 */
#ifndef RR_MAY_STILL_H
#define RR_MAY_STILL_H

#include "machine/machine.h"

/* Sets of classes of locations (rr_word_class), and of what synchronises
 * (rr_sync_class). */
typedef struct rr_still {
    uint64_t loads, loads_zero, changes, stores;
    uint64_t renewals; /* stores behind the newest message alone */
    uint64_t reads;     /* atomically, a load or a change */
    uint64_t acquires;  /* by the access itself */
    uint64_t weakly_writes;
    uint64_t weak; /* atomically, but not sequentially consistent */
    uint64_t unlocked; /* without the mode's lock */
    uint64_t plain_reads, plain_writes, atomic_writes;
    uint64_t syncs;
    bool fences_acquire, releases, is_seq_cst;
    bool frees, reads_payload, writes_payload, touches;
    bool is_done; /* nothing at all */
    /* On every way to the next acquire fence: the count of the object in one of these
     * locals, or one of these cells, is changed. */
    uint64_t sure_locals, sure_cells;
    /* Of the above: any access; a read whose message's view it may take over. */
    uint64_t accesses, takes;
    /* The kinds of accesses to an object by others that one of its steps must be ordered
     * after: bits of RR_KNOWN_KINDS. */
    uint64_t kinds;
} rr_still;

/* For each instruction of the machine's program, three times: before it in any frame;
 * before it in a thread's only frame; inside its operation there.  RR_ENOMEM. */
int rr_still_open(rr_machine *m);
void rr_still_close(rr_machine *m);

/* What a thread may still do from the present state on; `sure_*` only for its top
 * frame.  Where no table has it, it is put together in `room`. */
const rr_still *rr_still_of(const rr_machine *m, int thread, rr_still *room);

#endif
