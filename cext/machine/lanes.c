/* lanes.c -- each thread's words for each object, and its announced epoch, as words of
 * the thread's part of the state.
 *
 * Exchanging identical threads therefore exchanges their counts too.  Objects are
 * searched in the order in which they were made, which is the same in every state that
 * this one represents.
 */
#include "machine/access.h"
#include "machine/views.h"

rc_cell *
rr_model_lane(rr_object *o, int i)
{
    rr_machine *m = o->ob_refcnt.machine;
    int32_t object = o->ob_refcnt.object;
    int32_t word = (int32_t)(rr_lanes_of(m, m->thread, object) - m->w) + i;
    m->lane[i] = (rc_cell){m, object, word};
    return &m->lane[i];
}

/* ---- finding lanes that are not 0 ------------------------------------------------- */

static bool
is_lane_set(const rr_machine *m, int thread, int object, int i)
{
    const int32_t *lanes = rr_lanes_of(m, thread, object);
    if (i != RR_ANY_LANE) {
        return lanes[i] != 0;
    }
    for (int k = 0; k < m->layout.n_lanes; k++) {
        if (lanes[k] != 0) {
            return true;
        }
    }
    return false;
}

/* -1: none.  first and last: threads. */
static int
object_with(const rr_machine *m, int first, int last, int i)
{
    for (int object = 0; object < m->layout.n_objects; object++) {
        for (int t = first; t <= last; t++) {
            if (is_lane_set(m, t, object, i)) {
                return object;
            }
        }
    }
    return -1;
}

static rr_object *
found(rr_machine *m, int object, const rc_site *site)
{
    rr_see(m, RR_PLACE_LANE, object, site);
    m->seen.index = m->thread;
    rr_remember(m, object >= 0);
    if (object < 0) {
        return NULL;
    }
    m->object = object;
    return &m->objects[object];
}

rr_object *
rr_model_lane_next(rr_thread *me, int i, const rc_site *site)
{
    rr_machine *m = me->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0 ? &m->objects[m->object] : NULL;
    }
    return found(m, object_with(m, m->thread, m->thread, i), site);
}

rr_object *
rr_model_lanes_next(rr_thread *me, const rc_site *site)
{
    rr_machine *m = me->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0 ? &m->objects[m->object] : NULL;
    }
    return found(m, object_with(m, 0, m->layout.n_threads - 1, RR_ANY_LANE), site);
}

int64_t
rr_model_lanes_take(rr_object *o, const rc_site *site)
{
    rr_machine *m = o->ob_refcnt.machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m);
    }
    int object = o->ob_refcnt.object;
    int64_t sum = rr_machine_lanes(m, m->w, object);
    rr_see(m, RR_PLACE_LANE, object, site);
    m->seen.index = m->thread;
    rr_forget_lanes(m, object);
    if (m->is_weak) {
        rr_know_all(m); /* all others stand still */
    }
    rr_remember(m, sum);
    return sum;
}

/* Under C11 the announcements are read one after the other; which messages can be read
 * is a choice for each of them. */
static bool
have_all_announced(rr_machine *m, int64_t v, const rc_site *site)
{
    bool all = true;
    rc_order order = rr_written_order(m, RC_ACQUIRE, site);
    const rr_wish wish = {.kind = RR_WANTS_VALUE, .order = order, .failure = order};
    for (int t = 0; t < m->layout.n_threads; t++) {
        int32_t location = m->shape.location_of[m->layout.threads[t].announced];
        rr_list *list = rr_list_of(&m->shape, rr_block_of(&m->shape, m->w), location);
        uint64_t *view = rr_thread_view(&m->shape, rr_block_of(&m->shape, m->w), m->actor,
                                        RR_VIEW_CURRENT);
        bool has_choice = rr_positions(view)[location] < list->n - 1;
        rr_note_access(m, location, &wish);
        if (has_choice && m->n_picks == RR_MAX_PICKS) {
            rr_leave(m, (int)rr_needs_more(m, RR_GROW_HISTORY));
        }
        int n_picks = m->n_picks;
        m->n_picks = has_choice ? n_picks : RR_MAX_PICKS;
        rr_progress progress = rr_begin_access(m, location, &wish, false);
        m->n_picks = n_picks + has_choice;
        if (progress != RR_RAN) {
            rr_leave(m, (int)progress);
        }
        all &= m->pick.value == RR_OFFLINE || m->pick.value == v;
    }
    return all;
}

bool
rr_model_all_announced(rr_thread *me, int64_t v, const rc_site *site)
{
    rr_machine *m = me->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    rr_see(m, RR_PLACE_ANNOUNCED, RC_NO_OBJECT, site);
    m->seen.index = m->thread;
    bool all = true;
    if (m->is_weak) {
        all = have_all_announced(m, v, site);
    }
    for (int t = 0; t < m->layout.n_threads && !m->is_weak; t++) {
        int32_t announced = m->w[m->layout.threads[t].announced];
        all &= announced == RR_OFFLINE || announced == v;
    }
    rr_remember(m, all);
    return all;
}
