/* hand_written_biased.h -- the operation of a count that is biased towards its owner; a
 * part of hand_written.c.
 *
 * There is no owner's queue, since no count falls below zero in a phase.
 */
static __attribute__((noinline, cold)) void
end_biased(object *o)
{
    if (atomic_load_explicit(&o->shared, memory_order_acquire) == 0) {
        DIE(o);
        return;
    }
    atomic_store_explicit(&o->owner, 0, memory_order_relaxed);
    if ((atomic_fetch_or_explicit(&o->shared, 3, memory_order_acq_rel) | 3) == 3) {
        DIE(o);
    }
}

OPERATION(biased)
{
    (void)lane;
    if (__builtin_expect(
            atomic_load_explicit(&o->owner, memory_order_relaxed) == self, 1)) {
        int64_t c = LOAD(o);
        STORE(o, take ? c + 1 : c - 1);
        if (!take && c == 1) {
            end_biased(o);
        }
    }
    else if (take) {
        atomic_fetch_add_explicit(&o->shared, 4, memory_order_relaxed);
    }
    else {
        int64_t c = atomic_load_explicit(&o->shared, memory_order_relaxed), now;
        do {
            now = c == 0 || c == 1 ? 2 : c - 4;
        } while (!atomic_compare_exchange_weak_explicit(
            &o->shared, &c, now, memory_order_acq_rel, memory_order_relaxed));
        if (now == 3) {
            DIE(o);
        }
    }
}
