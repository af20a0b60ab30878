/* handle.h -- one object in the hand: operations with a ledger, misuse written down.
 *
 * Any number of threads may call the operations at once.  Nothing they do is undefined:
 * an operation on a freed object is counted, as a use after free or as an over-release,
 * and changes nothing else.
 */
#ifndef RR_HANDLE_H
#define RR_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/firsts.h"
#include "modes/catalogue.h"

typedef struct rr_domain rr_domain;
typedef struct rr_handle rr_handle;

/* What can be read off a handle.  The numbers are taken one after the other: while
 * operations run (in_flight > 0) they need not fit one another. */
typedef struct rr_handle_reading {
    int64_t refcount;      /* what the object believes; 0 once it is freed */
    int64_t ledger;        /* what would be true if every operation were atomic */
    int64_t ledger_at_end; /* the ledger when it was freed first */
    int64_t deaths;        /* 0 alive, 1 freed, more: freed again */
    int64_t uses_after_free;
    int64_t over_releases; /* decrefs at a true count of 0 or less, freed or not */
    int64_t operations; /* completed, misuse included */
    int64_t in_flight;  /* threads inside an operation now */
    int64_t gap_waits;  /* gaps in which a thread waited */
    int64_t gaps_met;   /* those in which another thread made an access meanwhile */
    bool is_waiting;    /* to be settled: by its owner, and then what it believes counts a
                         * reference that is nobody's; or by all who have counted it */
} rr_handle_reading;

int rr_domain_open(rr_domain **out);
void rr_domain_close(rr_domain *domain);

/* The system's identifiers (pthread_self) of the threads that count in the domain, those
 * included that have ended and not settled yet; gives how many there are.  A thread that is
 * settling just now is waited for.  pre: `idents` has room for RR_MAX_THREAD_SLOTS. */
int rr_domain_threads(rr_domain *domain, uint64_t *idents);

/* An object of a mode (its number in modes.def) with one reference, made by this
 * thread. */
int rr_handle_open(int mode, rr_domain *domain, rr_handle **out);
void rr_handle_close(rr_handle *handle);

/* Let threads that may wait do so in gaps between two accesses of an operation
 * (mem/rr_gap.h).  pre: no other thread has it yet. */
int rr_handle_widen(rr_handle *handle);

/* n operations in a row; `may_wait`: in gaps, where they are widened; others are free to
 * count meanwhile.
 * pre: n >= 0
 * RR_ESLOTS: more threads than a mode can tell apart; nothing was done. */
int rr_handle_incref(rr_handle *handle, int64_t n, bool may_wait);
int rr_handle_decref(rr_handle *handle, int64_t n, bool may_wait);
/* This thread is at a quiescent point; gives how much there was to see to. */
int rr_handle_quiesce(rr_handle *handle, int64_t *out);
/* All threads stand still between their operations, and what each has counted for itself
 * is added up; gives how much there was to see to. */
int rr_handle_collapse(rr_handle *handle, int64_t *out);
/* This thread counts nothing of the domain until it attaches again; RR_EDETACHED: it does not
 * now, which holds for all of the above too.  RR_EATTACHED: it does. */
int rr_handle_detach(rr_handle *handle);
int rr_handle_attach(rr_handle *handle);
/* Touch the payload; tells whether the object was alive. */
bool rr_handle_use(rr_handle *handle);

void rr_handle_read(rr_handle *handle, rr_handle_reading *out);

/* What went wrong first: see firsts.h. */
bool rr_handle_first(rr_handle *handle, rr_first_kind kind, rr_first *out);
unsigned rr_handle_firsts_known(rr_handle *handle);

#endif
