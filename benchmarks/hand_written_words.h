/* hand_written_words.h -- the operations of modes that keep one word per object, with a
 * lock or without; a part of hand_written.c.
 */
OPERATION(unlocked)
{
    (void)self, (void)lane;
    int64_t c = LOAD(o);
    STORE(o, take ? c + 1 : c - 1);
    if (!take && c == 1) {
        DIE(o);
    }
}

OPERATION(object_lock)
{
    pthread_mutex_lock(&o->lock);
    int64_t c = LOAD(o);
    STORE(o, take ? c + 1 : c - 1);
    pthread_mutex_unlock(&o->lock);
    (void)self, (void)lane;
    if (!take && c == 1) {
        DIE(o);
    }
}

OPERATION(global_lock)
{
    pthread_mutex_lock(&global);
    int64_t c = LOAD(o);
    STORE(o, take ? c + 1 : c - 1);
    pthread_mutex_unlock(&global);
    (void)self, (void)lane;
    if (!take && c == 1) {
        DIE(o);
    }
}

OPERATION(atomic)
{
    (void)self, (void)lane;
    if (take) {
        atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
    }
    else if (atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) == 1) {
        atomic_thread_fence(memory_order_acquire);
        DIE(o);
    }
}

OPERATION(atomic_cas)
{
    (void)self, (void)lane;
    int64_t c = LOAD(o);
    if (take) {
        while (!atomic_compare_exchange_weak_explicit(
            &o->count, &c, c + 1, memory_order_relaxed, memory_order_relaxed)) {
        }
        return;
    }
    while (!atomic_compare_exchange_weak_explicit(
        &o->count, &c, c - 1, memory_order_release, memory_order_relaxed)) {
    }
    if (c == 1) {
        atomic_thread_fence(memory_order_acquire);
        DIE(o);
    }
}

/* Increments as atomic does. */
OPERATION(free_by_second_load)
{
    if (take) {
        atomic_once(o, self, lane, take);
        return;
    }
    atomic_fetch_sub_explicit(&o->count, 1, memory_order_release);
    if (atomic_load_explicit(&o->count, memory_order_acquire) == 0) {
        DIE(o);
    }
}

/* refcount_t; its word has 30 bits and is stored in 64. */
#define COUNT_MAX ((1 << 29) - 1)
#define SATURATED (-(1 << 28))

OPERATION(saturating)
{
    (void)self, (void)lane;
    if (take) {
        int64_t c = atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
        if (c <= 0 || c >= COUNT_MAX) {
            STORE(o, SATURATED);
        }
        return;
    }
    int64_t c = atomic_fetch_sub_explicit(&o->count, 1, memory_order_release);
    if (c == 1) {
        atomic_thread_fence(memory_order_acquire);
        DIE(o);
    }
    else if (c <= 0 || c > COUNT_MAX) {
        STORE(o, SATURATED);
    }
}

/* Mortal objects only, as in a race. */
OPERATION(immortal)
{
    (void)self, (void)lane;
    if (take) {
        if (LOAD(o) < 3 << 28) {
            atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
        }
    }
    else if (LOAD(o) < 1 << 29 &&
             atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) == 1) {
        atomic_thread_fence(memory_order_acquire);
        DIE(o);
    }
}

/* CDRC's counter with its zero and pending flags. */
OPERATION(sticky)
{
    const int64_t zero = -(1 << 29), pending = 1 << 28;
    if (take) {
        atomic_once(o, self, lane, take);
        return;
    }
    if (atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) != 1) {
        return;
    }
    int64_t c = 0;
    if (atomic_compare_exchange_strong_explicit(
            &o->count, &c, zero, memory_order_acq_rel, memory_order_acquire) ||
        (c < 0 && (c & pending) &&
         (atomic_exchange_explicit(&o->count, zero, memory_order_acq_rel) & pending))) {
        DIE(o);
    }
}

/* CPython's increment, as compiled, would race for a part of an object.  This swaps the
 * whole word, as the mode does. */
OPERATION(mixed_width)
{
    (void)self, (void)lane;
    const int64_t low = (1 << 28) - 1;
    if (take) {
        int64_t c = (LOAD(o) & low) + 1;
        if (c >> 28 == 0) {
            int64_t seen = LOAD(o);
            while (!atomic_compare_exchange_weak_explicit(
                &o->count, &seen, (seen & ~low) | c, memory_order_relaxed,
                memory_order_relaxed)) {
            }
        }
        return;
    }
    int64_t c = LOAD(o);
    if (c & 1 << 27) {
        return;
    }
    STORE(o, c - 1);
    if (c == 1) {
        DIE(o);
    }
}

/* The lock is taken once and kept: in a phase of some 100 us no thread waits long enough
 * to request it.  Besides counting, an operation only checks the holder. */
static struct {
    _Atomic(const void *) holder;
    _Atomic int is_asked_for;
    pthread_mutex_t lock;
} kept = {0, 0, PTHREAD_MUTEX_INITIALIZER};

OPERATION(gil)
{
    (void)self, (void)lane;
    if (atomic_load_explicit(&kept.holder, memory_order_relaxed) != &me ||
        atomic_load_explicit(&kept.is_asked_for, memory_order_relaxed)) {
        pthread_mutex_lock(&kept.lock);
        atomic_store_explicit(&kept.holder, &me, memory_order_relaxed);
    }
    int64_t c = LOAD(o);
    STORE(o, take ? c + 1 : c - 1);
    if (!take && c == 1) {
        DIE(o);
    }
}

static void
leave_gil(void)
{
    atomic_store_explicit(&kept.holder, 0, memory_order_relaxed);
    pthread_mutex_unlock(&kept.lock);
}
