/* hand_written_loops.h -- a loop over one object and one over many, for each mode; a part
 * of hand_written.c.
 *
 * Over one object a thread looks up its lane once.  Over many it has to look it up each
 * time: the object has a number, and the thread has an array, as in CPython.
 */
enum { LANES = 4 }; /* of each object */

static struct {
    _Alignas(128) word of[MAX_THREADS * MANY][LANES];
} lanes[MAX_THREADS]; /* of each thread */

static inline word *
lane_of(const object *o, int64_t self)
{
    return lanes[self - 1].of[o->index];
}

#define TWICE(x) x x
#if TIMES == 1
#define IN_A_ROW(x) x
#elif TIMES == 4
#define IN_A_ROW(x) TWICE(TWICE(x))
#elif TIMES == 16
#define IN_A_ROW(x) TWICE(TWICE(TWICE(TWICE(x))))
#else
#error "TIMES is 1, 4 or 16"
#endif

#define REPEAT(n, x)                                                                    \
    do {                                                                                \
        int64_t left = n;                                                               \
        for (; left >= TIMES; left -= TIMES) {                                          \
            IN_A_ROW(x)                                                                 \
        }                                                                               \
        for (; left > 0; left--) {                                                      \
            x                                                                           \
        }                                                                               \
    } while (0)

#define GO_ROUND(first, n, passes, x)                                                   \
    for (int64_t pass = 0; pass < passes; pass++) {                                     \
        object *o = first;                                                              \
        REPEAT(n, x o++;);                                                              \
    }

/* `passes` operations on each of `n` adjacent objects. */
#define LOOP(mode)                                                                      \
    static void mode(object *first, int64_t n, int64_t passes, int take)                \
    {                                                                                   \
        const int64_t self = me;                                                        \
        word *lane = lane_of(first, self);                                              \
        if (n == 1 && take) {                                                           \
            REPEAT(passes, mode##_once(first, self, lane, 1););                         \
        }                                                                               \
        else if (n == 1) {                                                              \
            REPEAT(passes, mode##_once(first, self, lane, 0););                         \
        }                                                                               \
        else if (take) {                                                                \
            GO_ROUND(first, n, passes, mode##_once(o, self, lane_of(o, self), 1);)      \
        }                                                                               \
        else {                                                                          \
            GO_ROUND(first, n, passes, mode##_once(o, self, lane_of(o, self), 0);)      \
        }                                                                               \
    }

LOOP(unlocked)
LOOP(object_lock)
LOOP(global_lock)
LOOP(atomic)
LOOP(atomic_cas)
LOOP(free_by_second_load)
LOOP(saturating)
LOOP(immortal)
LOOP(sticky)
LOOP(mixed_width)
LOOP(gil)
LOOP(sign_split)
LOOP(per_thread)
LOOP(deferred)
LOOP(epoch)
LOOP(biased)
