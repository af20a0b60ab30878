/* hand_written_sign_split.h -- the operation of a count whose sign says whether threads
 * share it; a part of hand_written.c.
 *
 * Above 0 one thread has it, below 0 it is shared; no count of a race reaches the
 * thresholds.
 */
OPERATION(sign_split)
{
    const int64_t most = COUNT_MAX, stuck = -most - (1 << 20);
    (void)self, (void)lane;
    int64_t c = LOAD(o);
    if (take) {
        if (__builtin_expect(c > 0 && c < most, 1)) {
            STORE(o, c + 1);
        }
        else if (c > 0) {
            STORE(o, stuck - (1 << 20));
        }
        else if (c >= stuck) {
            atomic_fetch_sub_explicit(&o->count, 1, memory_order_relaxed);
        }
        return;
    }
    if (__builtin_expect(c > 0, 1)) {
        STORE(o, c - 1);
        if (c == 1) {
            DIE(o);
        }
    }
    else if (c != 0 && c >= -most &&
             atomic_fetch_add_explicit(&o->count, 1, memory_order_acq_rel) == -1) {
        DIE(o);
    }
}
