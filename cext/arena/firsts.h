/* firsts.h -- what went wrong first with one object: the operation, the thread, the count.
 *
 * For each kind of event the first occurrence is kept, and no later one.  Noting an event
 * costs nothing until one happens: correct operations never come here.
 */
#ifndef RR_FIRSTS_H
#define RR_FIRSTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum rr_first_kind {
    RR_FIRST_FREE,         /* the object was freed */
    RR_FIRST_REFREE,       /* the freed object was freed again */
    RR_FIRST_LATE_USE,     /* an operation came to the freed object */
    RR_FIRST_OVER_RELEASE, /* a reference was dropped that nobody held */
    RR_N_FIRSTS
} rr_first_kind;

/* What a thread is doing. */
typedef enum rr_doing {
    RR_DOING_NOTHING, /* outside of any operation: its end, a hook of the mode */
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
    /* A bit for each kind.  Whoever sets a bit of `claimed` first, and nobody else, writes
     * that kind's entry, once, and then sets the bit of `written` with release; readers
     * look at `written` with acquire before they read the entry. */
    _Atomic unsigned claimed;
    _Atomic unsigned written;
    rr_first entries[RR_N_FIRSTS];
} rr_firsts;

/* What this thread does from here on. */
void rr_firsts_begin(rr_doing doing);

/* The event happened just now, in this thread, as a part of what it is doing. */
void rr_firsts_note(rr_firsts *firsts, rr_first_kind kind, int64_t before, int64_t after);

/* The object's life was ended by what this thread is doing; is_first: for the first time.
 * `ledger` is the true count after it. */
void rr_firsts_note_end(rr_firsts *firsts, bool is_first, int64_t ledger);

/* Copy what is known of the first event of a kind; false: none, or it is being noted. */
bool rr_firsts_read(rr_firsts *firsts, rr_first_kind kind, rr_first *out);

/* A bit for each kind that can be read. */
unsigned rr_firsts_known(rr_firsts *firsts);

#endif
