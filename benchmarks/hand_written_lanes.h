/* hand_written_lanes.h -- the operations of counts with one word per thread; a part of
 * hand_written.c.
 *
 * This is the cost of a phase between two quiescent points: nothing settles or collapses.
 */
OPERATION(per_thread)
{
    (void)o, (void)self;
    int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
    atomic_store_explicit(lane, take ? c + 1 : c - 1, memory_order_relaxed);
}

/* Other threads see only the pin, which a thread sets at its first use. */
OPERATION(deferred)
{
    (void)self;
    int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
    if (c == 0) {
        atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
        c = 1;
    }
    atomic_store_explicit(lane, take ? c + 2 : c - 2, memory_order_relaxed);
}

static struct {
    _Alignas(128) word epoch; /* + 1 */
} announced[MAX_THREADS];

/* A decrement goes to the lane of the epoch that the thread has announced. */
OPERATION(epoch)
{
    if (take) {
        atomic_once(o, self, lane, take);
        return;
    }
    word *mine = &announced[self - 1].epoch;
    lane += atomic_load_explicit(mine, memory_order_relaxed) & 3;
    int64_t c = atomic_load_explicit(lane, memory_order_relaxed);
    atomic_store_explicit(lane, c + 1, memory_order_relaxed);
}
