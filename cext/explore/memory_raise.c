/* memory_raise.c -- views of messages and locks as high as makes no difference.
 *
 * Nobody learns from a view what all those know that may still take it over.
 */
#include "explore/memory_raise.h"

enum { MOST_VIEW_WORDS = (RR_WEAK_POSITIONS + 7) / 8 + RR_WEAK_LOCATIONS };

/* The meet of what some threads know.  Most locations and locks have the same threads that
 * may still take over their views. */
typedef struct least_known {
    uint64_t who; /* the threads; 0: none yet */
    uint64_t view[MOST_VIEW_WORDS];
} least_known;

static inline void
meet_with(const rr_shape *s, uint64_t *out, const uint64_t *some)
{
    if (rr_has_short_views(s)) {
        out[0] = out[0] == some[0] ? out[0] : rr_smaller_bytes(out[0], some[0]);
        out[1] &= some[1];
        return;
    }
    for (int32_t i = 0; i < s->n_position_words; i++) {
        out[i] = rr_smaller_bytes(out[i], some[i]);
    }
    for (int32_t i = s->n_position_words; i < s->view_words; i++) {
        out[i] &= some[i];
    }
}

/* pre: some thread is among them. */
static void
find_meet(const rr_form *f, uint64_t who, uint64_t *out)
{
    int first = __builtin_ctzll(who);
    rr_copy_view(f->s, out, rr_form_view(f, first, RR_VIEW_CURRENT));
    for (uint64_t rest = who & (who - 1); rest != 0; rest &= rest - 1) {
        meet_with(f->s, out, rr_form_view(f, __builtin_ctzll(rest), RR_VIEW_CURRENT));
    }
}

/* The meet of what the threads know that may still take over a view; NULL: none may. */
static const uint64_t *
meet_of(const rr_form *f, uint64_t who, least_known *least)
{
    if (who != 0 && who != least->who) {
        find_meet(f, who, least->view);
        least->who = who;
    }
    return who == 0 ? NULL : least->view;
}

static void
raise_messages(rr_form *f, int32_t x, least_known *least)
{
    uint64_t classes = f->s->classes[x], who = 0;
    for (int t = 0; (f->all.take & classes) != 0 && t < f->n_threads; t++) {
        /* A change hands the view of what it has read on to its own message. */
        who |= (uint64_t)((f->still[t]->takes & classes) != 0) << t;
    }
    const uint64_t *meet = meet_of(f, who, least);
    for (int at = 0; at < rr_list_of(f->s, f->block, x)->n; at++) {
        uint64_t *message = rr_message_view(f->s, f->block, x, at);
        if (meet != NULL) {
            rr_join(f->s, message, meet);
        } else {
            rr_view_empty(f->s, message);
        }
        uint8_t *position = &rr_positions(message)[x];
        *position = *position < at ? (uint8_t)at : *position;
    }
}

static void
raise_syncs(rr_form *f, least_known *least)
{
    for (int32_t i = 0; i < f->s->n_syncs; i++) {
        uint64_t who = 0;
        int class = f->s->sync_class[i];
        bool may_take = f->all.syncs >> class & 1 || class == RR_SYNC_HOLDER;
        for (int t = 0; may_take && t < f->n_threads; t++) {
            bool takes = f->still[t]->syncs >> class & 1;
            takes |= class == RR_SYNC_HOLDER && !f->still[t]->is_done;
            who |= (uint64_t)takes << t;
        }
        uint64_t *sync = rr_sync_view(f->s, f->block, i);
        const uint64_t *meet = meet_of(f, who, least);
        if (meet != NULL) {
            rr_join(f->s, sync, meet);
        } else {
            rr_view_empty(f->s, sync);
        }
    }
}

void
rr_raise_views(rr_form *f)
{
    least_known least;
    least.who = 0;
    for (int32_t x = 0; x < f->s->n_locations; x++) {
        raise_messages(f, x, &least);
    }
    raise_syncs(f, &least);
}
