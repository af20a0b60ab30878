/* reports.c -- what an operation asks for and reports besides its accesses. */
#include "machine/access.h"

int64_t
rr_model_count_max(const rr_object *o)
{
    return rr_machine_count_max(o->ob_refcnt.machine, o->ob_refcnt.object);
}

/* Unless this thread holds it, its holder is in no operation and may release it: the
 * switch interval may have passed.  If this thread holds it already, taking it is an
 * access that is done, and no step. */
void
rr_model_take_gil(rc_gil *g, const rc_site *site)
{
    rr_machine *m = g->machine;
    int32_t holder = m->w[g->word];
    if (m->n_done == 0 && holder == m->thread + 1) {
        m->n_done = 1;
    }
    if (m->cursor < m->n_done) {
        m->cursor++;
        return;
    }
    m->seen.place = RR_PLACE_GIL;
    m->seen.object = m->object;
    m->seen.site = *site;
    if (holder != 0 && rr_is_inside_operation(m, holder - 1)) {
        m->waits_on = g->word;
        rr_leave(m, RR_WAITS);
    }
    m->n_granted--;
    m->has_acted = true;
    m->w[g->word] = m->thread + 1;
    rr_order_word(m, g->word, true);
}

/* The access that showed it is done; the run ends after it. */
static void
see_misdeed(const rr_object *o, int kind)
{
    rr_machine *m = o->ob_refcnt.machine;
    if (!m->counts_on) {
        rr_leave(m, (int)rr_find(m, kind, o->ob_refcnt.object));
    }
}

void
rr_model_underflowed(const rr_object *o)
{
    see_misdeed(o, RR_UNDERFLOW);
}

void
rr_model_revived(const rr_object *o)
{
    see_misdeed(o, RR_REVIVAL);
}
