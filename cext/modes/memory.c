/* memory.c -- the size, within an object, of each thing that a mode keeps. */
#include "modes/memory.h"

#include "base/rr_status.h"

#define SIZE_OF(field) ((int)sizeof(((rr_object *)0)->field))

/* Lists every bit of rr_keeps; those that are not kept per object have size 0. */
static const struct {
    unsigned keeps;
    int words, locks, bytes;
} parts[] = {
    {RR_KEEPS_OBJECT_LOCK, 0, 1, SIZE_OF(ob_mutex)},
    {RR_KEEPS_SHARED, 1, 0, SIZE_OF(ob_ref_shared)},
    {RR_KEEPS_TID, 1, 0, SIZE_OF(ob_tid)},
    {RR_KEEPS_QUEUE, 2, 0, SIZE_OF(queue_of) + SIZE_OF(queued_before)},
    {RR_KEEPS_LANES, 2, 0, SIZE_OF(lanes) + SIZE_OF(with_lanes_before)},
    {RR_KEEPS_EPOCH, 0, 0, 0},
    {RR_KEEPS_ATTACHMENT, 0, 0, 0},
    {RR_KEEPS_GLOBAL_LOCK, 0, 0, 0},
    {RR_KEEPS_GIL, 0, 0, 0},
};

int
rr_memory_of(const rr_mode *mode, rr_memory *out)
{
    unsigned unknown = mode->keeps;
    *out = (rr_memory){.words = 1, .bytes = SIZE_OF(ob_refcnt)};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        if ((mode->keeps & parts[i].keeps) != 0) {
            out->words += parts[i].words;
            out->locks += parts[i].locks;
            out->bytes += parts[i].bytes;
            unknown &= ~parts[i].keeps;
        }
    }
    out->lanes = mode->n_lanes;
    out->lane_bytes = mode->n_lanes * (int)sizeof(rc_cell);
    return unknown == 0 ? RR_OK : RR_EBUG;
}

int
rr_mode_memory(int mode, rr_memory *out)
{
    const rr_mode *of = rr_native_mode(mode);
    return of == NULL ? RR_EINVAL : rr_memory_of(of, out);
}
