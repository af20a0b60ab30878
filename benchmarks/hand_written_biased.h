/* hand_written_biased.h -- the loop of a count that is biased towards its owner; a part of
 * hand_written.c. */
/* Who counts: 1 and up; reached as cheaply as the core reaches its own. */
#ifdef __GLIBC__
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local int64_t me;

static void
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

/* The queue of an owner is left out: nothing falls below zero in a phase. */
static void
biased(object *o, int64_t n, int take)
{
    const int64_t self = me;
    for (int64_t i = 0; i < n; i++) {
        if (atomic_load_explicit(&o->owner, memory_order_relaxed) == self) {
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
}
