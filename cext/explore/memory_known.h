/* memory_known.h -- a memory that is brought into its form; for memory_form.c only. */
#ifndef RR_MEMORY_KNOWN_H
#define RR_MEMORY_KNOWN_H

#include "machine/may_still.h"
#include "machine/views.h"

/* What any thread may still do: classes of locations, and of what synchronises. */
typedef struct rr_form_all {
    uint64_t observe; /* loads that change nothing */
    uint64_t insert;  /* writes that need not be the newest */
    uint64_t store;   /* writes that read nothing */
    uint64_t take, syncs;
} rr_form_all;

typedef struct rr_form {
    rr_machine *m;
    const rr_shape *s;
    uint64_t *block;
    rr_form_all all;
    int n_threads; /* all of them, with the one that settles */
    const rr_still *still[RR_WEAK_THREADS + 1];
    rr_still room[RR_WEAK_THREADS + 1];
} rr_form;

static inline uint64_t *
rr_form_view(const rr_form *f, int thread, int which)
{
    return rr_thread_view(f->s, f->block, thread, which);
}

/* Sets the bits of accesses that nobody needs to know of any more. */
void rr_settle_known(rr_form *f);

#endif
