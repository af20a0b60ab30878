/* cells.c -- the contract's loads, stores and locks: each is one step of the model. */
#include "machine/access.h"

/* ---- what every access does ---------------------------------------------------- */

static bool
may_read_freed(const rr_machine *m)
{
    return m->op == RR_OP_RC || m->op == RR_OP_CASRC || m->op == RR_OP_TRY_INCREF;
}

/* In stable memory an addition that is undone is as harmless as a load. */
static bool
may_write_freed(const rr_machine *m)
{
    return m->op == RR_OP_TRY_INCREF && m->mode->tries_first;
}

static inline void
check_memory(rr_machine *m, int32_t object, bool writes)
{
    if (object != RC_NO_OBJECT && rr_status_of(m, object) == RR_FREED && !m->counts_on &&
        ((writes && !may_write_freed(m)) || !may_read_freed(m) ||
         !rr_machine_template(m, object)->stable)) {
        rr_leave(m, (int)rr_find(m, RR_USE_AFTER_FREE, object));
    }
}

/* ---- which message -------------------------------------------------------------- */

bool
rr_is_memory_access(const rr_machine *m, int32_t object)
{
    return object != RC_NO_OBJECT && m->op != RR_OP_UPGRADE && !m->mode->frees_late &&
           !(may_read_freed(m) && rr_machine_template(m, object)->stable);
}

/* Under C11: chooses the message that the access takes.  The words of one thread alone
 * (its lanes) have no messages. */
static inline void
pick(rr_machine *m, const rc_cell *c, rr_wish wish, const rc_site *site)
{
    m->pick.location = -1;
    if (!m->is_weak || m->shape.location_of[c->word] < 0) {
        return;
    }
    if (wish.kind == RR_STORES || wish.kind == RR_CHANGES) {
        check_memory(m, c->object, true);
    }
    rc_order order = rr_written_order(m, wish.order, site);
    wish.failure = wish.kind == RR_CHANGES_IF       ? rc_failure_of(order)
                   : wish.kind == RR_WANTS_VALUE ? order
                                                    : RC_RELAXED;
    wish.order = order;
    int32_t location = m->shape.location_of[c->word];
    rr_note_access(m, location, &wish);
    rr_progress progress =
        rr_begin_access(m, location, &wish, rr_is_memory_access(m, c->object));
    if (progress != RR_RAN) {
        rr_leave(m, (int)progress);
    }
}

static inline bool
has_picked(const rr_machine *m)
{
    return m->is_weak && m->pick.location >= 0;
}

static inline int64_t
picked(const rr_machine *m, const rc_cell *c)
{
    return has_picked(m) ? m->pick.value : m->w[c->word];
}

/* The row has the new value: it becomes a message. */
static inline void
add_message(rr_machine *m, int32_t newest)
{
    if (has_picked(m)) {
        rr_progress progress = rr_finish_access(m, newest);
        if (progress != RR_RAN) {
            rr_leave(m, (int)progress);
        }
    }
}

/* ---- the count ------------------------------------------------------------------ */

static inline void
see_cell(rr_machine *m, const rc_cell *c, const rc_site *site)
{
    const rr_layout *l = &m->layout;
    if (c->object == RC_NO_OBJECT || c->word >= l->threads[0].base) {
        rr_see_thread(m, c, site);
        return;
    }
    int32_t offset = c->word - l->objects[c->object].base;
    rr_see(m,
        offset == RR_OBJECT_COUNT    ? RR_PLACE_COUNT
        : offset == l->shared_offset ? RR_PLACE_SHARED
                                     : RR_PLACE_TID,
        c->object, site);
}

static bool
is_decrement(int op)
{
    return op == RR_OP_DECREF || op == RR_OP_DECREF_RLX || op == RR_OP_DECFETCH ||
           op == RR_OP_RESURRECT_END;
}

/* The finding, if any, in the write of a cell that leaves the believed count at `now`. */
static int
misdeed_of(const rr_machine *m, int32_t object, bool counts, int64_t before,
           int64_t now)
{
    bool takes = m->op == RR_OP_INCREF ||
                 (m->op == RR_OP_TRY_INCREF && !m->mode->tries_first);
    if (m->counts_on) {
        return -1;
    }
    /* A store that saturates is not a decrement. */
    bool falls = now < 0 && (now == before - 1 || !m->mode->is_signed);
    if (is_decrement(m->op) && falls && counts && !m->mode->settles) {
        return RR_UNDERFLOW;
    }
    return takes && rr_status_of(m, object) == RR_DYING && before == 0 && now > 0
               ? RR_REVIVAL
               : -1;
}

/* The program has written the count, from which an immortal object counts again. */
static void
write_ledger(rr_machine *m, int object, int32_t before, int32_t now)
{
    int32_t *words = rr_object_words(m, object);
    if (words[RR_OBJECT_STATUS] & RR_IMMORTALISED) {
        words[RR_OBJECT_STATUS] &= ~RR_IMMORTALISED;
        words[RR_OBJECT_LEDGER] = now;
        return;
    }
    words[RR_OBJECT_LEDGER] += now - before;
}

/* The effects of the write of a cell besides the cell's new value. */
static void
write_cell(rr_machine *m, const rc_cell *c, int64_t v)
{
    int32_t newest = has_picked(m) ? rr_show_pick(m) : m->w[c->word];
    if (c->object == RC_NO_OBJECT) {
        m->w[c->word] = (int32_t)v;
        add_message(m, newest);
        return;
    }
    int32_t old = m->w[c->word];
    bool is_bare = m->mode->count_of == NULL;
    int64_t after = rr_wrapped(m, c->object, v);
    /* A word that no longer counts may have any value below zero. */
    bool counts = rr_machine_standing(m, m->w, c->object) == RR_COUNTED;
    int64_t before = is_bare ? old : rr_machine_count(m, m->w, c->object);

    check_memory(m, c->object, true);
    if (after > RR_MAX_INTEGER || after < -RR_MAX_INTEGER) {
        rr_leave(m, (int)rr_misused(m, RR_MISUSE_COUNT_TOO_LARGE));
    }
    m->w[c->word] = (int32_t)after;
    int64_t now = is_bare ? v : rr_machine_count(m, m->w, c->object);
    int misdeed = misdeed_of(m, c->object, counts, before, now);
    if (misdeed >= 0) {
        m->w[c->word] = newest; /* the run ends before the write */
        rr_leave(m, (int)rr_find(m, misdeed, c->object));
    }
    switch (m->op) {
    case RR_OP_SETRC:
    case RR_OP_CASRC:
        write_ledger(m, c->object, (int32_t)before, (int32_t)now);
        break;
    case RR_OP_INCFETCH:
        rr_add_to_ledger(m, c->object, 1);
        break;
    case RR_OP_DECFETCH:
        rr_add_to_ledger(m, c->object, -1);
        break;
    case RR_OP_RESURRECT_END: /* a `decref` has done so when it began */
        rr_add_to_ledger(m, c->object, -(m->mode->count_add != NULL));
        break;
    default:
        break;
    }
    add_message(m, newest);
}

int64_t
rr_model_load(rc_cell *c, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m);
    }
    see_cell(m, c, site);
    check_memory(m, c->object, false);
    pick(m, c, (rr_wish){.kind = RR_WANTS_VALUE, .order = order}, site);
    int64_t value = picked(m, c);
    rr_remember(m, value);
    return value;
}

void
rr_model_store(rc_cell *c, int64_t v, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    see_cell(m, c, site);
    pick(m, c, (rr_wish){.kind = RR_STORES, .order = order}, site);
    write_cell(m, c, v);
}

/* For the run, an access of part of a word is an access of the whole word. */
int64_t
rr_model_load_low(rc_cell *c, rc_order order, const rc_site *site)
{
    return rr_model_load(c, order, site) & RC_LOW_MASK;
}

void
rr_model_store_low(rc_cell *c, int64_t v, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    see_cell(m, c, site);
    pick(m, c, (rr_wish){.kind = RR_CHANGES, .order = order}, site);
    write_cell(m, c, (picked(m, c) & ~RC_LOW_MASK) | v);
}

int64_t
rr_model_fetch_add(rc_cell *c, int64_t d, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m);
    }
    see_cell(m, c, site);
    pick(m, c, (rr_wish){.kind = RR_CHANGES, .order = order}, site);
    int64_t old = picked(m, c);
    write_cell(m, c, old + d);
    rr_remember(m, old);
    return old;
}

int64_t
rr_model_exchange(rc_cell *c, int64_t v, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m);
    }
    see_cell(m, c, site);
    pick(m, c, (rr_wish){.kind = RR_CHANGES, .order = order}, site);
    int64_t old = picked(m, c);
    write_cell(m, c, v);
    rr_remember(m, old);
    return old;
}

/* The value seen also shows whether it was the one wanted. */
bool
rr_model_cas(rc_cell *c, int64_t *want, int64_t v, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    int64_t seen;
    if (rr_is_replayed(m)) {
        seen = rr_read_before(m);
    }
    else {
        see_cell(m, c, site);
        check_memory(m, c->object, false);
        pick(m, c, (rr_wish){.kind = RR_CHANGES_IF, .a = *want, .order = order}, site);
        seen = picked(m, c);
        if (seen == *want) {
            write_cell(m, c, v);
        }
        rr_remember(m, seen);
    }
    bool is_done = seen == *want;
    *want = seen;
    return is_done;
}

/* Failed attempts do not accumulate: after one, the operation is where it was before,
 * with another value read.  Otherwise a loop that never succeeds would have infinitely
 * many states. */
bool
rr_model_cas_weak(rc_cell *c, int64_t *want, int64_t v, rc_order order,
                  const rc_site *site)
{
    rr_machine *m = c->machine;
    bool is_done = rr_model_cas(c, want, v, order, site);
    m->has_failed = !is_done;
    return is_done;
}

bool
rr_model_increment_unless_zero(rc_cell *c, rc_order order, const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    see_cell(m, c, site);
    check_memory(m, c->object, false);
    pick(m, c, (rr_wish){.kind = RR_CHANGES_UNLESS_ZERO, .order = order}, site);
    int64_t seen = picked(m, c);
    if (seen != 0) {
        write_cell(m, c, seen + 1);
    }
    rr_remember(m, seen);
    return seen != 0;
}

int64_t
rr_model_add_within(rc_cell *c, int64_t d, int64_t low, int64_t high, rc_order order,
                    const rc_site *site)
{
    rr_machine *m = c->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m);
    }
    see_cell(m, c, site);
    check_memory(m, c->object, false);
    pick(m, c,
         (rr_wish){.kind = RR_CHANGES_WITHIN, .a = low, .b = high, .order = order}, site);
    int64_t seen = picked(m, c);
    if (low <= seen && seen <= high) {
        write_cell(m, c, seen + d);
    }
    rr_remember(m, seen);
    return seen;
}

/* ---- locks ---------------------------------------------------------------------- */

static void
see_lock(rr_machine *m, const rc_mutex *mutex, const rc_site *site)
{
    if (mutex->object == RC_NO_OBJECT) {
        rr_see(m, RR_PLACE_COUNT_LOCK, m->object, site);
    }
    else {
        rr_see(m, RR_PLACE_COUNT_MUTEX, mutex->object, site);
        check_memory(m, mutex->object, false);
    }
}

void
rr_model_lock(rc_mutex *mutex, const rc_site *site)
{
    rr_machine *m = mutex->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    see_lock(m, mutex, site);
    if (m->w[mutex->word] != 0) {
        m->waits_on = mutex->word;
        rr_leave(m, RR_WAITS);
    }
    m->w[mutex->word] = m->thread + 1;
    rr_order_word(m, mutex->word, true);
}

void
rr_model_unlock(rc_mutex *mutex, const rc_site *site)
{
    rr_machine *m = mutex->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    see_lock(m, mutex, site);
    m->w[mutex->word] = 0;
    rr_order_word(m, mutex->word, false);
}

void
rr_model_dealloc(rr_object *o)
{
    rr_machine *m = o->ob_refcnt.machine;
    m->is_dealloc = true;
    m->was_dealloc = !m->has_acted;
    if (m->is_weak) {
        rr_note_way(m, RR_CLASS_REFCNT, RR_MAY_FREE);
    }
}
