/* firsts.h -- the first errors of one object: the operation, the thread, the count.
 *
 * Of each kind of event only the first is kept.  Noting costs nothing until an event
 * happens: correct operations never get here.
 */
#ifndef RR_FIRSTS_H
#define RR_FIRSTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum rr_first_kind {
    RR_FIRST_FREE,         /* the object was freed */
    RR_FIRST_REFREE,       /* the freed object was freed again */
    RR_FIRST_LATE_USE,     /* an operation used the freed object */
    RR_FIRST_OVER_RELEASE, /* a decref without a reference */
    RR_N_FIRSTS
} rr_first_kind;

/* What a thread is doing. */
typedef enum rr_doing {
    RR_DOING_NOTHING, /* outside any operation: it ends, or runs a hook of the mode */
    RR_DOING_INCREF,
    RR_DOING_DECREF,
    RR_DOING_USE,
    RR_DOING_QUIESCE,
    RR_DOING_COLLAPSE,
    RR_DOING_DETACH
} rr_doing;

typedef struct rr_first {
    int64_t doing;  /* an rr_doing */
    uint64_t thread; /* pthread_self(), which is threading.get_ident() too */
    int64_t before; /* the true count, see rr_object.ledger: around this operation */
    int64_t after;
} rr_first;

typedef struct rr_firsts {
    /* One bit for each kind.  The thread that sets a bit of `claimed` first, and no
     * other, writes that kind's entry, once, and then sets the bit of `written` with
     * release.  Readers load `written` with acquire before they read the entry. */
    _Atomic unsigned claimed;
    _Atomic unsigned written;
    rr_first entries[RR_N_FIRSTS];
} rr_firsts;

/* Sets what this thread is doing from here on. */
void rr_firsts_begin(rr_doing doing);

/* Notes an event that just happened in this thread, in what it is doing. */
void rr_firsts_note(rr_firsts *firsts, rr_first_kind kind, int64_t before, int64_t after);

/* Notes that this thread's operation freed the object; is_first: for the first time.
 * `ledger` is the true count after it. */
void rr_firsts_note_end(rr_firsts *firsts, bool is_first, int64_t ledger);

/* Copies the first event of a kind; false: there is none, or it is being written. */
bool rr_firsts_read(rr_firsts *firsts, rr_first_kind kind, rr_first *out);

/* One bit for each kind that can be read. */
unsigned rr_firsts_known(rr_firsts *firsts);

#endif
