/* hand_written_lanes.h -- the loops of counts for which each thread has a word of its own;
 * a part of hand_written.c.
 *
 * What a phase costs between two quiescent points: nothing is settled or collapsed.
 */
enum { LANES = 16 }; /* 4 are used; no two threads' on lines that are fetched together */

static struct {
    _Alignas(128) _Atomic int64_t of[MAX_THREADS][LANES];
} lanes[MAX_THREADS]; /* of each object */

static struct {
    _Alignas(128) _Atomic int64_t epoch; /* + 1 */
} announced[MAX_THREADS];

static _Atomic int64_t *
lane_of(object *o)
{
    return lanes[o - objects].of[me - 1];
}

static void
per_thread(object *o, int64_t n, int take)
{
    _Atomic int64_t *lane = lane_of(o);
    for (int64_t i = 0; i < n; i++) {
        int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
        atomic_store_explicit(lane, take ? c + 1 : c - 1, memory_order_relaxed);
    }
}

/* The pin, at a thread's first touch, is all that others see. */
static void
deferred(object *o, int64_t n, int take)
{
    _Atomic int64_t *lane = lane_of(o);
    for (int64_t i = 0; i < n; i++) {
        int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
        if (c == 0) {
            atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
            c = 1;
        }
        atomic_store_explicit(lane, take ? c + 2 : c - 2, memory_order_relaxed);
    }
}

/* A decrement goes to the lane of the epoch that the thread has announced. */
static void
epoch(object *o, int64_t n, int take)
{
    if (take) {
        atomic(o, n, take);
        return;
    }
    _Atomic int64_t *first = lane_of(o), *mine = &announced[me - 1].epoch;
    for (int64_t i = 0; i < n; i++) {
        _Atomic int64_t *lane =
            first + (atomic_load_explicit(mine, memory_order_relaxed) & 3);
        int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
        atomic_store_explicit(lane, c + 1, memory_order_relaxed);
    }
}
