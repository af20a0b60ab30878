/* linearize.c -- tries every order of a batch's accesses for those that fit the
 * results. */
#include "conformance/batch.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

/* The search of one batch gives up after so many steps.  Measured with three threads that
 * drop, merge and settle at once: some thousand. */
enum { MAX_STEPS = 1 << 18 };

int
rr_linearizer_open(const rr_machine *m, rr_linearizer *out)
{
    size_t n_words = (size_t)m->layout.n_words;
    *out = (rr_linearizer){
        .n_words = m->layout.n_words,
        .levels = rr_alloc((RR_MAX_BATCH_STEPS + 1) * n_words, sizeof *out->levels),
        .best = rr_alloc(n_words, sizeof *out->best),
    };
    int status = rr_visited_open(n_words, &out->visited);
    if (status != RR_OK || out->levels == NULL || out->best == NULL) {
        rr_linearizer_close(out);
        return RR_ENOMEM;
    }
    return RR_OK;
}

void
rr_linearizer_close(rr_linearizer *linearizer)
{
    rr_free(linearizer->levels);
    rr_free(linearizer->best);
    rr_visited_close(&linearizer->visited);
    linearizer->levels = linearizer->best = NULL;
}

typedef struct search {
    rr_linearizer *e;
    rr_machine *m;
    const rr_batch *batch;
    const rr_snapshot *snapshot;
    bool has_hooks;
    bool goes_on; /* search for what compiled code can do, not for a run of the model */
    int32_t path[RR_MAX_BATCH_STEPS];
    bool is_complete[RR_MAX_AT_ONCE];
    int n_complete;
    /* On the current path: the finding that ended the run, if any, and the number of
     * steps up to it. */
    uint32_t kinds;
    int n_to_finding;
    int n_found;
    bool is_ambiguous, is_stopped;
    bool is_cut; /* there are more orders than were tried */
    int n_steps;
} search;

static void
copy(const search *s, int32_t *to, const int32_t *from)
{
    memcpy(to, from, (size_t)s->e->n_words * sizeof *to);
}

static int32_t *
level(const search *s, int depth)
{
    return s->e->levels + (ptrdiff_t)depth * s->e->n_words;
}

/* Does an operation that has just ended in the model return what it returned natively? */
static bool
is_as_seen(const rr_machine *m, const rr_native_operation *done)
{
    if (done->op == RR_OP_UPGRADE) {
        /* Null also if the machine did not call the mode; its result is always stored. */
        return (m->seen.result != 0) == (done->answer.value != 0);
    }
    if (m->is_dealloc != done->answer.ended_life) {
        return false;
    }
    switch (done->op) {
    case RR_OP_TRY_INCREF:
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_CASRC:
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
    case RR_OP_MERGE:
    case RR_OP_QUIESCE:
    case RR_OP_DETACH:
    case RR_OP_ATTACH:
    case RR_OP_LEAVE:
    case RR_OP_COLLAPSE:
        return m->answer == done->answer.value;
    default:
        return true;
    }
}

static bool
has_object_come_to(const search *s, int object)
{
    rr_mode_state now = rr_mode_state_in_model(s->m, object);
    return rr_mode_state_is_same(&now, &s->snapshot->objects[object]);
}

static bool
matches_snapshot(const search *s)
{
    if (!s->has_hooks) {
        return has_object_come_to(s, s->batch->object);
    }
    for (int i = 0; i < s->snapshot->n_objects; i++) {
        if (!has_object_come_to(s, i)) {
            return false;
        }
    }
    rr_threads_state now = rr_threads_state_in_model(s->m);
    return rr_mode_state_by_threads_is_same(&now, &s->snapshot->threads);
}

/* The order fits all results. */
static void
found(search *s, int n_steps)
{
    n_steps = s->kinds != 0 ? s->n_to_finding : n_steps;
    if (s->n_found++ == 0) {
        memcpy(s->e->codes, s->path, (size_t)n_steps * sizeof *s->path);
        s->e->n_codes = n_steps;
        s->e->kinds = s->kinds;
        copy(s, s->e->best, s->m->w);
    } else if (s->e->kinds != s->kinds) {
        s->is_ambiguous = true;
    }
}

static void go_on(search *s, int depth);

/* The step is complete; its operation may be or not. */
static void
after_step(search *s, int i, int depth)
{
    bool completes = s->m->seen.completes;
    if (completes && !is_as_seen(s->m, &s->batch->operations[i])) {
        return;
    }
    s->is_complete[i] = completes;
    s->n_complete += completes;
    go_on(s, depth + 1);
    s->n_complete -= completes;
    s->is_complete[i] = false;
}

/* The machine cannot take the step.  On a path whose answers already differ this does not
 * concern the round. */
static void
stop(search *s, int i, rr_progress progress)
{
    if (!s->m->seen.completes || is_as_seen(s->m, &s->batch->operations[i])) {
        s->is_stopped = true;
        s->e->progress = progress;
    }
}

/* The run is over for the model, but native code went on.  The search goes on too, since
 * only the final state shows whether this is what happened. */
static void
after_finding(search *s, int i, int depth)
{
    bool is_first = s->kinds == 0;
    if (is_first) {
        s->kinds = s->m->kinds;
        s->n_to_finding = depth + 1;
    }
    if (s->m->seen.completes) {
        after_step(s, i, depth);
    } else {
        /* Found before the access: do the access anyway. */
        copy(s, s->m->w, level(s, depth));
        s->m->counts_on = true;
        rr_progress progress =
            rr_machine_step(s->m, s->batch->operations[i].thread, RR_STEP);
        if (progress == RR_RAN || (progress == RR_ENDED && s->m->seen.completes)) {
            after_step(s, i, depth);
        } else if (progress == RR_MISUSED || progress == RR_GROW) {
            stop(s, i, progress);
        }
    }
    if (is_first) {
        s->kinds = 0;
        s->m->counts_on = s->goes_on;
    }
}

static void
try_step(search *s, int i, int depth)
{
    int thread = s->batch->operations[i].thread;
    s->path[depth] = 4 * thread;
    s->n_steps++;
    s->m->counts_on = s->goes_on || s->kinds != 0;
    rr_progress progress = rr_machine_step(s->m, thread, RR_STEP);
    switch (progress) {
    case RR_RAN:
        after_step(s, i, depth);
        break;
    case RR_ENDED:
        after_finding(s, i, depth);
        break;
    case RR_MISUSED:
    case RR_GROW:
        stop(s, i, progress);
        break;
    default:
        break; /* waits for a lock that another operation holds */
    }
}

/* Orders that differ only in independent accesses reach the same state with the same
 * remaining accesses. */
static bool
is_new(search *s)
{
    uint32_t about = 0;
    for (int i = 0; i < s->batch->n; i++) {
        about |= (uint32_t)s->is_complete[i] << i;
    }
    return rr_visited_add(&s->e->visited, s->m->w, s->kinds << RR_MAX_AT_ONCE | about);
}

/* Recursion is bounded by RR_MAX_BATCH_STEPS. */
static void
go_on(search *s, int depth)
{
    if (s->n_complete == s->batch->n) {
        if (matches_snapshot(s)) {
            found(s, depth);
        }
        return;
    }
    if (depth == RR_MAX_BATCH_STEPS || s->n_steps > MAX_STEPS) {
        s->is_cut = true;
        return;
    }
    if (s->batch->n > 1 && !is_new(s)) {
        return;
    }
    copy(s, level(s, depth), s->m->w);
    for (int i = 0; i < s->batch->n && !s->is_ambiguous && !s->is_stopped; i++) {
        if (!s->is_complete[i]) {
            try_step(s, i, depth);
            copy(s, s->m->w, level(s, depth));
        }
    }
}

static bool
has_upgrade(const rr_batch *batch)
{
    for (int i = 0; i < batch->n; i++) {
        if (batch->operations[i].op == RR_OP_UPGRADE) {
            return true;
        }
    }
    return false;
}

static search
search_orders(rr_linearizer *linearizer, rr_machine *m, const rr_batch *batch,
              const rr_snapshot *snapshot, bool goes_on)
{
    search s = {
        .e = linearizer,
        .m = m,
        .batch = batch,
        .snapshot = snapshot,
        .has_hooks = rr_count_hooks(batch) > 0,
        .goes_on = goes_on,
    };
    rr_visited_forget(&linearizer->visited);
    go_on(&s, 0);
    m->counts_on = false;
    return s;
}

rr_linearization
rr_linearize(rr_linearizer *linearizer, rr_machine *m, const rr_batch *batch,
             const rr_snapshot *snapshot)
{
    search s = search_orders(linearizer, m, batch, snapshot, false);
    if (s.n_found == 0 && !s.is_stopped && has_upgrade(batch)) {
        /* In the model an upgrade is null as soon as the object is dying, whatever access
         * comes next; compiled code goes on and may take the object. */
        s = search_orders(linearizer, m, batch, snapshot, true);
        s.is_ambiguous = s.n_found > 0;
    }
    if (s.is_stopped) {
        return RR_CANNOT;
    }
    if (s.is_ambiguous || s.is_cut) {
        return RR_AMBIGUOUS;
    }
    if (s.n_found == 0) {
        return RR_NOT_LINEARIZED;
    }
    copy(&s, m->w, linearizer->best);
    m->kinds = linearizer->kinds;
    return linearizer->kinds == 0 ? RR_LINEARIZED : RR_FOUND;
}
