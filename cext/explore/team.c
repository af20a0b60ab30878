/* team.c -- the threads of a team, and the order of their chunks. */
#include "explore/team.h"

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "explore/worker.h"

enum {
    CHUNKS_OF_WORKER = 16, /* on a busy machine a thread may stand still with its chunk */
    ROOM_BYTES = 1 << 22, /* for the successors of a chunk, at most; little of it is used */
    LEAST_IN_CHUNK = 8,
    LONG_NS = 500 * 1000, /* a chunk that takes longer is made shorter ... */
    SHORT_NS = 200 * 1000,
};

struct rr_team {
    rr_search *search;
    rr_graph *g;
    int n_workers, n_chunks;
    uint32_t most_in_chunk, fewest;
    rr_worker *workers;
    pthread_t *threads; /* of all workers but the first */
    rr_chunk *chunks;
    rr_chunk **queue; /* a ring: those that were taken, in the order of their states */
    rr_chunk **unused; /* a stack: the one used last is in the cache */
    bool has_lock, has_changed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t until;
    /* Under the lock. */
    uint64_t n_added, n_taken; /* chunks */
    int n_unused;
    uint32_t next, n_known;    /* the first state that no chunk has; states there are */
    uint32_t in_chunk;         /* how many states the next chunk has */
    bool is_adding, is_late;
    bool is_cut; /* what is not added yet is not added */
};

/* ---- opening ---------------------------------------------------------------------- */

static int
open_chunks(rr_team *t)
{
    size_t row_bytes = t->g->stride + sizeof(struct rr_successor);
    size_t n = ROOM_BYTES / ((size_t)t->g->max_successors * row_bytes);
    t->most_in_chunk = n < 1 ? 1 : n < RR_MOST_IN_CHUNK ? (uint32_t)n : RR_MOST_IN_CHUNK;
    t->in_chunk = t->most_in_chunk < LEAST_IN_CHUNK ? t->most_in_chunk : LEAST_IN_CHUNK;
    size_t n_rows = (size_t)t->most_in_chunk * (size_t)t->g->max_successors;
    for (int i = 0; i < t->n_chunks; i++) {
        t->chunks[i].packed = rr_alloc_room(n_rows, t->g->stride);
        t->chunks[i].successors = rr_alloc_room(n_rows, sizeof(struct rr_successor));
        if (t->chunks[i].packed == NULL || t->chunks[i].successors == NULL) {
            return RR_ENOMEM;
        }
    }
    return RR_OK;
}

static int
open_parts(rr_team *t)
{
    t->workers = rr_alloc((size_t)t->n_workers, sizeof *t->workers);
    t->threads = rr_alloc((size_t)t->n_workers, sizeof *t->threads);
    t->chunks = rr_alloc((size_t)t->n_chunks, sizeof *t->chunks);
    t->queue = rr_alloc((size_t)t->n_chunks, sizeof *t->queue);
    t->unused = rr_alloc((size_t)t->n_chunks, sizeof *t->unused);
    if (t->workers == NULL || t->threads == NULL || t->chunks == NULL ||
        t->queue == NULL || t->unused == NULL) {
        return RR_ENOMEM;
    }
    t->has_lock = pthread_mutex_init(&t->lock, NULL) == 0;
    t->has_changed = pthread_cond_init(&t->changed, NULL) == 0;
    int status = t->has_lock && t->has_changed ? open_chunks(t) : RR_ENOMEM;
    for (int i = 0; i < t->n_workers && status == RR_OK; i++) {
        t->workers[i].team = t;
        status = rr_worker_open(&t->workers[i], t->search);
    }
    return status;
}

int
rr_team_open(rr_search *search, rr_team **out)
{
    rr_team *t = rr_alloc(1, sizeof *t);
    if (t == NULL) {
        return RR_ENOMEM;
    }
    t->search = search;
    t->g = &search->graph;
    t->n_workers = search->config.n_workers;
    t->n_chunks = CHUNKS_OF_WORKER * t->n_workers;
    t->fewest = search->config.fewest;
    int status = open_parts(t);
    if (status != RR_OK) {
        rr_team_close(t);
        return status;
    }
    *out = t;
    return RR_OK;
}

void
rr_team_close(rr_team *t)
{
    if (t == NULL) {
        return;
    }
    for (int i = 0; t->workers != NULL && i < t->n_workers; i++) {
        rr_worker_close(&t->workers[i]);
    }
    for (int i = 0; t->chunks != NULL && i < t->n_chunks; i++) {
        rr_free(t->chunks[i].packed);
        rr_free(t->chunks[i].successors);
    }
    if (t->has_lock) {
        (void)pthread_mutex_destroy(&t->lock);
    }
    if (t->has_changed) {
        (void)pthread_cond_destroy(&t->changed);
    }
    rr_free(t->workers);
    rr_free(t->threads);
    rr_free(t->chunks);
    rr_free(t->queue);
    rr_free(t->unused);
    rr_free(t);
}

/* ---- what a thread does, under the lock ------------------------------------------- */

/* The place in the queue of the n-th chunk. */
static rr_chunk **
place_of(const rr_team *t, uint64_t n)
{
    return &t->queue[n % (uint64_t)t->n_chunks];
}

static bool
may_take(const rr_team *t)
{
    uint32_t n_waiting = t->n_known - t->next;
    bool is_idle = t->n_added == t->n_taken;
    return !t->is_late && t->n_unused > 0 && n_waiting >= (is_idle ? t->fewest : 1);
}

/* Near the end of the queue chunks are small, so that all threads have some. */
static uint32_t
size_of_next(const rr_team *t)
{
    uint32_t n_waiting = t->n_known - t->next;
    uint32_t n = n_waiting / (2 * (uint32_t)t->n_workers);
    n = n < LEAST_IN_CHUNK ? LEAST_IN_CHUNK : n;
    n = n < t->in_chunk ? n : t->in_chunk;
    return n < n_waiting ? n : n_waiting;
}

/* A state once added stays where it is, but the list of the chunks of memory may move:
 * see rr_pool_reserve. */
static rr_chunk *
take_chunk(rr_team *t)
{
    rr_chunk *chunk = *place_of(t, t->n_taken++) = t->unused[--t->n_unused];
    chunk->first = t->next;
    chunk->n_states = size_of_next(t);
    chunk->is_ready = false;
    for (uint32_t i = 0; i < chunk->n_states; i++) {
        chunk->states[i] = rr_pool_at(&t->g->space.states, chunk->first + i);
    }
    t->next += chunk->n_states;
    return chunk;
}

static void
expand_next(rr_team *t, rr_worker *w)
{
    rr_chunk *chunk = take_chunk(t);
    (void)pthread_mutex_unlock(&t->lock);
    int64_t began = rr_now_ns();
    rr_worker_expand(w, chunk);
    int64_t now = rr_now_ns();
    (void)pthread_mutex_lock(&t->lock);
    chunk->is_ready = true;
    t->is_late |= now >= t->until;
    if (now - began > LONG_NS && chunk->n_states <= t->in_chunk) {
        t->in_chunk = chunk->n_states / 2 > 1 ? chunk->n_states / 2 : 1;
    }
    else if (now - began < SHORT_NS && chunk->n_states == t->in_chunk) {
        t->in_chunk = 2 * t->in_chunk < t->most_in_chunk ? 2 * t->in_chunk
                                                         : t->most_in_chunk;
    }
}

static void
add_next(rr_team *t)
{
    rr_graph *g = t->g;
    rr_chunk *chunk = *place_of(t, t->n_added);
    t->is_adding = true;
    int status = rr_pool_reserve(&g->space.states, (uint64_t)chunk->n_rows);
    (void)pthread_mutex_unlock(&t->lock);
    rr_stop_at(g, status);
    if (status == RR_OK) {
        rr_add_chunk(g, chunk);
    }
    (void)pthread_mutex_lock(&t->lock);
    t->n_known = rr_graph_n_states(g);
    t->n_added++;
    t->is_adding = false;
    t->unused[t->n_unused++] = chunk;
    t->is_cut = g->phase != RR_GRAPH_OPEN || chunk->n_done < chunk->n_states;
}

/* Until nothing is left to do: the last chunk is added, and no other may be taken. */
static void
work(rr_worker *w)
{
    rr_team *t = w->team;
    (void)pthread_mutex_lock(&t->lock);
    while (!t->is_cut) {
        bool has_chunk = t->n_added < t->n_taken;
        if (has_chunk && !t->is_adding && (*place_of(t, t->n_added))->is_ready) {
            add_next(t);
        }
        else if (may_take(t)) {
            expand_next(t, w);
        }
        else if (has_chunk) {
            (void)pthread_cond_wait(&t->changed, &t->lock);
            continue;
        }
        else {
            break;
        }
        (void)pthread_cond_broadcast(&t->changed);
    }
    (void)pthread_mutex_unlock(&t->lock);
}

/* ---- threads ---------------------------------------------------------------------- */

static void *
run(void *worker)
{
    work(worker);
    return NULL;
}

/* Returns how many threads there are. */
static int
start(rr_team *t)
{
    int n = 0;
    while (n < t->n_workers - 1 && rr_thread_start(t->search->starter, run,
                                                   &t->workers[n + 1], &t->threads[n])) {
        n++;
    }
    return n;
}

bool
rr_team_expand(rr_team *t, int64_t until)
{
    rr_graph *g = t->g;
    rr_forget_ahead(g);
    for (int i = 0; i < t->n_workers; i++) {
        if (rr_worker_follow(&t->workers[i]) != RR_OK) {
            return false;
        }
    }
    t->until = until;
    t->n_added = t->n_taken = 0;
    for (t->n_unused = 0; t->n_unused < t->n_chunks; t->n_unused++) {
        t->unused[t->n_unused] = &t->chunks[t->n_unused];
    }
    t->next = g->n_expanded;
    t->n_known = rr_graph_n_states(g);
    t->is_adding = t->is_late = t->is_cut = false;
    int n = start(t);
    if (n == 0) {
        return false;
    }
    work(&t->workers[0]);
    for (int i = 0; i < n; i++) {
        rr_thread_join(t->threads[i]);
    }
    if (t->is_cut && g->phase == RR_GRAPH_OPEN) {
        rr_graph_expand(g, 1); /* the state that a worker left to the search */
    }
    return true;
}
