/* edge_store.c -- writes the records, and finds them. */
#include "explore/edge_store.h"

#include "base/rr_status.h"

enum {
    LONG = 255, /* a number of a record's head that does not fit: four more bytes have it */
    MOST_HEAD_BYTES = 10,
    MOST_EDGE_BYTES = 1 + (int)sizeof(rr_edge) + 3 + 4,
};

void
rr_edge_store_open(rr_edge_store *store, rr_spill *spill)
{
    *store = (rr_edge_store){0};
    rr_pool_open(&store->bytes, 1, spill);
    rr_pool_open(&store->groups, sizeof(rr_edge_group), spill);
}

void
rr_edge_store_close(rr_edge_store *store)
{
    rr_pool_close(&store->bytes);
    rr_pool_close(&store->groups);
}

uint64_t
rr_edge_store_bytes(const rr_edge_store *store)
{
    return rr_pool_bytes(&store->bytes) + rr_pool_bytes(&store->groups);
}

/* ---- labels ----------------------------------------------------------------------- */

static uint32_t
key_of(const rr_edge *label)
{
    return label->target >> 31 | label->thread << 1 | label->branch << 7 |
           label->many << 9 | label->now << 15 | label->choice << 21 |
           (uint32_t)label->is_own << 29;
}

/* The number of a label, new or not; RR_MOST_LABELS: it has none. */
static unsigned
number_of_label(rr_edge_store *store, const rr_edge *label)
{
    uint32_t key = key_of(label);
    unsigned slot = (key * UINT32_C(0x9e3779b1)) >> 25;
    for (; store->number_of[slot] != 0; slot = (slot + 1) % RR_LABEL_SLOTS) {
        unsigned number = store->number_of[slot] - 1u;
        if (key_of(&store->labels[number]) == key) {
            return number;
        }
    }
    if (store->n_labels == RR_MOST_LABELS) {
        return RR_MOST_LABELS;
    }
    store->labels[store->n_labels++] = *label;
    store->number_of[slot] = (uint8_t)store->n_labels;
    return (unsigned)store->n_labels - 1;
}

/* ---- writing ---------------------------------------------------------------------- */

static uint8_t *
write_number(uint8_t *at, uint32_t number)
{
    if (number < LONG) {
        *at++ = (uint8_t)number;
        return at;
    }
    *at++ = LONG;
    memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

static uint8_t *
write_edge(rr_edge_store *store, uint8_t *at, const rr_edge *edge, uint32_t *next)
{
    rr_edge label = *edge;
    label.target &= RR_END;
    unsigned number = number_of_label(store, &label), size = 0;
    uint32_t value = 0, far = 0;
    if (edge->target == *next) {
        ++*next;
    }
    else {
        far = label.target != 0 ? edge->target & ~RR_END : *next - 1 - edge->target;
        value = far < RR_FAR_BACK ? far : RR_FAR_BACK;
        size = value < 1 << 8 ? 1 : value < 1 << 16 ? 2 : 3;
    }
    *at++ = (uint8_t)(size << 6 | number);
    if (number == RR_MOST_LABELS) {
        memcpy(at, &label, sizeof label);
        at += sizeof label;
    }
    for (unsigned i = 0; i < size; i++) {
        *at++ = (uint8_t)(value >> 8 * i);
    }
    if (value == RR_FAR_BACK) {
        memcpy(at, &far, sizeof far);
        at += sizeof far;
    }
    return at;
}

/* A record lies in one chunk.  Where the next may not fit, a length of 0 says that it is at
 * the start of the next chunk. */
static int
make_room_for(rr_edge_store *store, uint64_t most_bytes)
{
    uint64_t chunk = UINT64_C(1) << store->bytes.shift, at = store->at;
    if (at % chunk + most_bytes > chunk) {
        *(uint8_t *)rr_pool_at(&store->bytes, at) = 0;
        at += chunk - at % chunk;
    }
    int status = rr_pool_resize(&store->bytes, at + most_bytes);
    store->at = status == RR_OK ? at : store->at;
    return status;
}

static int
add_group(rr_edge_store *store, uint32_t n_before)
{
    void *place;
    if (store->n_records % RR_IN_GROUP != 0) {
        return RR_OK;
    }
    int status = rr_pool_add(&store->groups, &place);
    if (status == RR_OK) {
        *(rr_edge_group *)place = (rr_edge_group){
            .at = {(uint32_t)store->at, (uint32_t)(store->at >> 32)},
            .n_before = n_before,
        };
    }
    return status;
}

int
rr_edge_store_add(rr_edge_store *store, const char *edges, size_t stride, int n,
                  uint32_t n_before)
{
    int status = make_room_for(store, MOST_HEAD_BYTES + MOST_EDGE_BYTES * (uint64_t)n);
    if (status == RR_OK) {
        status = add_group(store, n_before);
    }
    if (status != RR_OK) {
        return status;
    }
    uint8_t head[MOST_HEAD_BYTES], *record = rr_pool_at(&store->bytes, store->at);
    uint8_t *first = record + 2, *end = first; /* most heads have two bytes */
    uint32_t next = n_before;
    for (int i = 0; i < n; i++) {
        end = write_edge(store, end, (const rr_edge *)(edges + (size_t)i * stride), &next);
    }
    size_t length = (size_t)(end - first);
    uint8_t *head_end =
        write_number(write_number(head, (uint32_t)length), next - n_before);
    size_t head_bytes = (size_t)(head_end - head);
    if (head_bytes > 2) {
        memmove(record + head_bytes, first, length);
    }
    memcpy(record, head, head_bytes);
    store->at += head_bytes + length;
    store->n_records++;
    return RR_OK;
}

/* ---- reading ---------------------------------------------------------------------- */

static const uint8_t *
read_number(const uint8_t *at, uint32_t *out)
{
    *out = *at++;
    if (*out == LONG) {
        memcpy(out, at, sizeof *out);
        at += sizeof *out;
    }
    return at;
}

static void
seek(rr_edge_reader *reader, const rr_edge_store *store, uint32_t record)
{
    const rr_edge_group *group = rr_pool_at(&store->groups, record / RR_IN_GROUP);
    *reader = (rr_edge_reader){
        .at = group->at[0] | (uint64_t)group->at[1] << 32,
        .record = record - record % RR_IN_GROUP,
        .n_before = group->n_before,
    };
}

/* Goes over the record where the reader is. */
static rr_edges
take_record(rr_edge_reader *reader, const rr_edge_store *store)
{
    const uint8_t *head = rr_pool_at(&store->bytes, reader->at);
    if (*head == 0) {
        uint64_t chunk = UINT64_C(1) << store->bytes.shift;
        reader->at += chunk - reader->at % chunk;
        head = rr_pool_at(&store->bytes, reader->at);
    }
    uint32_t length, n_new;
    const uint8_t *first = read_number(read_number(head, &length), &n_new);
    rr_edges edges = {first, first + length, reader->n_before, store->labels};
    reader->at += (uint64_t)(first - head) + length;
    reader->n_before += n_new;
    reader->record++;
    return edges;
}

rr_edges
rr_edge_reader_take(rr_edge_reader *reader, const rr_edge_store *store, uint32_t record)
{
    if (record != reader->record) {
        seek(reader, store, record);
    }
    while (reader->record < record) {
        (void)take_record(reader, store);
    }
    return take_record(reader, store);
}
