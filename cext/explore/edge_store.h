/* edge_store.h -- the steps out of every state, in a few bytes each.
 *
 * The edges of a state are one record, and the records follow each other in the order of
 * the states.  Every sixteenth record has an entry in an index; from there records are
 * skipped by their length.
 *
 *   record   the length of its edges, how many of them lead to new states, the edges
 *   edge     a byte: the label (6 bits) and the size of the target (2 bits); the target
 *
 * A label is everything but the target, and whether that is an end.  Programs have few, so
 * they are numbered as they come; those beyond the first RR_MOST_LABELS are written out.
 * States are numbered as they are found, so a target that is new there takes no bytes.
 * Otherwise it is stored how long before it was found, which is often a small number.
 */
#ifndef RR_EDGE_STORE_H
#define RR_EDGE_STORE_H

#include <stdbool.h>
#include <string.h>

#include "explore/pool.h"

/* An edge's target: a state, or with the high bit the kinds with which the run ends. */
#define RR_END UINT32_C(0x80000000)

enum { RR_NOBODY = 63 }; /* the thread of an edge without a step: the run is over */

typedef struct rr_edge {
    uint32_t target;
    unsigned thread : 6; /* in the source's form; the first of `many` identical ones */
    unsigned branch : 2; /* rr_branch */
    unsigned many : 6;
    unsigned now : 6;    /* the thread's number in the target's form */
    unsigned choice : 8; /* m->choice: which interrupt, or messages under C11; in a
                          * reduced graph: how many steps of its own the thread takes first */
    unsigned is_own : 1; /* in a reduced graph: it takes no other step after these */
} rr_edge;

enum {
    RR_MOST_LABELS = 63, /* the next number says that the label is written out */
    RR_LABEL_SLOTS = 128,
    RR_IN_GROUP = 16, /* records for each entry of the index */
};
/* A distance that does not fit three bytes is this, and four more have it. */
#define RR_FAR_BACK UINT32_C(0xffffff)

typedef struct rr_edge_group {
    uint32_t at[2]; /* where its first record begins: low half, high half */
    uint32_t n_before; /* states before its new ones */
} rr_edge_group;

typedef struct rr_edge_store {
    rr_pool bytes;
    rr_pool groups; /* rr_edge_group */
    uint64_t at;    /* where the next record begins */
    uint32_t n_records;
    rr_edge labels[RR_MOST_LABELS]; /* with the target RR_END or 0 */
    uint8_t number_of[RR_LABEL_SLOTS]; /* by hash, + 1; 0: free */
    int n_labels;
} rr_edge_store;

/* The edges of a state that are still to be read. */
typedef struct rr_edges {
    const uint8_t *at, *end;
    uint32_t next; /* the number of the state that is new next */
    const rr_edge *labels;
} rr_edges;

void rr_edge_store_open(rr_edge_store *store, rr_spill *spill);
void rr_edge_store_close(rr_edge_store *store);

/* Adds the record of the next state: edge i is at edges + i * stride, n > 0 of them.
 * n_before: the states that there were before the new ones among the targets.
 * RR_ENOMEM: nothing is added. */
int rr_edge_store_add(rr_edge_store *store, const char *edges, size_t stride, int n,
                      uint32_t n_before);

/* Reads records; one after the other without going back to the index. */
typedef struct rr_edge_reader {
    uint64_t at;
    uint32_t record, n_before; /* of the record at `at` */
} rr_edge_reader;

/* A reader that is nowhere yet. */
#define RR_EDGE_READER {.record = UINT32_MAX}

rr_edges rr_edge_reader_take(rr_edge_reader *reader, const rr_edge_store *store,
                             uint32_t record);

static inline rr_edges
rr_edge_store_at(const rr_edge_store *store, uint32_t record)
{
    rr_edge_reader reader = RR_EDGE_READER;
    return rr_edge_reader_take(&reader, store, record);
}

/* Bytes held. */
uint64_t rr_edge_store_bytes(const rr_edge_store *store);

/* Takes the next edge; false: there is none. */
static inline bool
rr_next_edge(rr_edges *edges, rr_edge *out)
{
    if (edges->at == edges->end) {
        return false;
    }
    const uint8_t *at = edges->at;
    unsigned label = *at & 63, size = *at >> 6;
    at++;
    if (label < RR_MOST_LABELS) {
        *out = edges->labels[label];
    }
    else {
        memcpy(out, at, sizeof *out);
        at += sizeof *out;
    }
    if (size == 0) {
        out->target = edges->next++;
        edges->at = at;
        return true;
    }
    uint32_t value = at[0];
    value |= size > 1 ? (uint32_t)at[1] << 8 : 0;
    value |= size > 2 ? (uint32_t)at[2] << 16 : 0;
    at += size;
    if (value == RR_FAR_BACK) {
        memcpy(&value, at, sizeof value);
        at += sizeof value;
    }
    out->target = out->target != 0 ? RR_END | value : edges->next - 1 - value;
    edges->at = at;
    return true;
}

#endif
