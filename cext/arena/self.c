/* self.c -- which thread of a domain is running, and where its words of an object are. */
#include "arena/threads.h"

_Thread_local int64_t rr_self = -1;

int64_t
rr_self_asked(void)
{
    return rr_self;
}

rr_thread *
rr_me_asked(const rr_object *o)
{
    return rr_self > 0 ? &o->domain->threads[rr_self - 1] : NULL;
}

rc_cell *
rr_lanes_asked(const rr_object *o)
{
    return rr_self > 0 && o->lanes != NULL ? rr_lane_of(o, rr_self - 1, 0) : NULL;
}
