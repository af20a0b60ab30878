/* handle.h -- a single object: operations with a ledger, and a record of misuse.
 *
 * Any number of threads may call the operations at once.  Nothing they do is undefined
 * behaviour: an operation on a freed object is counted, as a use after free or as an
 * over-release, and changes nothing else.
 */
#ifndef RR_HANDLE_H
#define RR_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/firsts.h"
#include "modes/catalogue.h"

typedef struct rr_domain rr_domain;
typedef struct rr_handle rr_handle;

/* A reading of a handle.  The numbers are read one after the other: while operations run
 * (in_flight > 0) they may disagree. */
typedef struct rr_handle_reading {
    int64_t refcount;      /* the count that the object stores; 0 once it is freed */
    int64_t ledger;        /* the count if every operation were atomic */
    int64_t ledger_at_end; /* the ledger when the object was first freed */
    int64_t deaths;        /* 0 alive, 1 freed, more: freed again */
    int64_t uses_after_free;
    int64_t over_releases; /* decrefs at a true count of 0 or less, freed or not */
    int64_t operations; /* completed, misuse included */
    int64_t in_flight;  /* threads inside an operation now */
    int64_t gap_waits;  /* gaps in which a thread waited */
    int64_t gaps_met;   /* gaps in which another thread made an access meanwhile */
    bool is_waiting;    /* to be settled by its owner, and then its count includes a
                         * reference that no thread holds; or by all threads that
                         * have counted it */
} rr_handle_reading;

int rr_domain_open(rr_domain **out);
void rr_domain_close(rr_domain *domain);

/* Stores the system's identifiers (pthread_self) of the threads that count in the domain,
 * including those that have ended and not settled yet; returns their number.  Waits for a
 * thread that is settling.  pre: `idents` has room for RR_MAX_THREAD_SLOTS. */
int rr_domain_threads(rr_domain *domain, uint64_t *idents);

/* Creates an object of a mode (its number) with one reference; this thread
 * is its maker. */
int rr_handle_open(int mode, rr_domain *domain, rr_handle **out);
void rr_handle_close(rr_handle *handle);

/* Lets threads wait in gaps between two accesses of an operation (mem/rr_gap.h), in calls
 * that permit it.  pre: no other thread has the handle yet. */
int rr_handle_widen(rr_handle *handle);

/* n operations in a row; others may count meanwhile.  `may_wait`: wait in gaps, if they
 * are widened.  pre: n >= 0 RR_ESLOTS: more threads than a mode can distinguish; nothing
 * was done. */
int rr_handle_incref(rr_handle *handle, int64_t n, bool may_wait);
int rr_handle_decref(rr_handle *handle, int64_t n, bool may_wait);
/* This thread is at a quiescent point; stores how much work there was. */
int rr_handle_quiesce(rr_handle *handle, int64_t *out);
/* Stops all threads between their operations and sums up what each has counted; stores
 * how much work there was. */
int rr_handle_collapse(rr_handle *handle, int64_t *out);
/* This thread counts nothing of the domain until it attaches.  RR_EDETACHED, from all
 * calls above too: it is detached already.  RR_EATTACHED: it is attached already. */
int rr_handle_detach(rr_handle *handle);
int rr_handle_attach(rr_handle *handle);
/* Uses the payload; returns whether the object was alive. */
bool rr_handle_use(rr_handle *handle);

void rr_handle_read(rr_handle *handle, rr_handle_reading *out);

/* The first error of a kind: see firsts.h. */
bool rr_handle_first(rr_handle *handle, rr_first_kind kind, rr_first *out);
unsigned rr_handle_firsts_known(rr_handle *handle);

#endif
