/* access.c -- leaves an operation at its next access, and names the word of an access. */
#include "machine/access.h"

size_t
rr_model_leave_bytes(void)
{
    return sizeof(rr_leave_buffer);
}

_Noreturn void
rr_leave(rr_machine *m, int why)
{
    m->left = why;
    RR_LEAVE(*(rr_leave_buffer *)m->leave);
}

void
rr_see_thread(rr_machine *m, const rc_cell *c, const rc_site *site)
{
    rr_place place = c->word == m->layout.epoch      ? RR_PLACE_EPOCH
                     : c->object == RC_NO_OBJECT ? RR_PLACE_ANNOUNCED
                                                 : RR_PLACE_LANE;
    rr_see(m, place, c->object, site);
    m->seen.index = m->thread;
}
