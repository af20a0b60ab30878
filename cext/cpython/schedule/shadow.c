/* shadow.c -- for each 8 bytes that a run has touched: by which runners, and if it is
 * freed.  Sees uses of freed memory, and data races by happens-before. */
#include "cpython/schedule/internal.h"
#include "cpython/schedule/table.h"

enum { CELL_BITS = 16, MOST_CELLS = 3 << (CELL_BITS - 2) };

typedef struct cell {
    uintptr_t granule;
    uint32_t generation;
    uint8_t writers; /* a mask */
    bool is_freed;
    bool is_contended; /* accesses of which one is a write, atomic ones too, have no order */
    int8_t writer; /* the last one; -1: none */
    uint32_t block;
    uint32_t written_at; /* in the writer's clock */
    rr_frames writer_at;
    uint32_t read_at[RR_MOST_RUNNERS]; /* in each reader's clock; 0: not read */
    void *reader_pc[RR_MOST_RUNNERS];
    /* The last accesses, atomic ones too, in each runner's clock; 0: none. */
    uint32_t any_read_at[RR_MOST_RUNNERS], any_write_at[RR_MOST_RUNNERS];
} cell;

static cell cells[1 << CELL_BITS];
static uint32_t cell_generation = 1, n_cells;

void
rr_shadow_forget(void)
{
    cell_generation++;
    n_cells = 0;
}

/* NULL: it is not there and not to be made, or the table is full. */
static cell *
find_cell(uintptr_t granule, bool makes)
{
    for (uint32_t at = rr_table_start(granule, CELL_BITS);;
         at = rr_table_next(at, CELL_BITS)) {
        cell *found = &cells[at];
        if (found->generation != cell_generation) {
            if (!makes || n_cells == MOST_CELLS) {
                return NULL;
            }
            n_cells++;
            *found = (cell){
                .granule = granule, .generation = cell_generation, .writer = -1};
            return found;
        }
        if (found->granule == granule) {
            return found;
        }
    }
}

static void
see_race(const rr_runner *me, uintptr_t address, bool is_write, void *pc, int other,
         bool other_writes, const rr_frames *other_at)
{
    rr_sighting_add(&(rr_sighting){
        .kind = RR_SEEN_DATA_RACE,
        .address = address,
        .runner = me->number,
        .other = other,
        .is_write = is_write,
        .other_is_write = other_writes,
        .at = rr_frames_of(me, pc),
        .other_at = *other_at,
    });
}

/* What locks and atomics order happens in this order, or in another run. */
static void
look_for_contention(const rr_runner *me, cell *c, bool is_write)
{
    int i = me->number;
    for (int k = 0; k < rr_n_runners; k++) {
        bool meets_write = c->any_write_at[k] > me->clock[k];
        bool meets_read = c->any_read_at[k] > me->clock[k];
        c->is_contended |= k != i && (meets_write || (is_write && meets_read));
    }
    *(is_write ? &c->any_write_at[i] : &c->any_read_at[i]) = me->clock[i];
}

static void
look_for_races(rr_runner *me, cell *c, uintptr_t address, bool is_write, void *pc)
{
    int i = me->number;
    if (c->writer >= 0 && c->writer != i && c->written_at > me->clock[c->writer]) {
        see_race(me, address, is_write, pc, c->writer, true, &c->writer_at);
    }
    if (!is_write) {
        c->read_at[i] = me->clock[i];
        c->reader_pc[i] = pc;
        return;
    }
    for (int k = 0; k < rr_n_runners; k++) {
        if (k != i && c->read_at[k] > me->clock[k]) {
            rr_frames at = {.n = 1, .pc = {c->reader_pc[k]}};
            see_race(me, address, true, pc, k, false, &at);
        }
    }
    c->writer = (int8_t)i;
    c->written_at = me->clock[i];
    c->writer_at = rr_frames_of(me, pc);
}

static uintptr_t
granule_after_access(uintptr_t address, size_t n)
{
    size_t size = rr_is_large(n) ? RR_LARGEST_ACCESS : n;
    return (address + (size == 0 ? 1 : size) + 7) >> RR_GRANULE_BITS;
}

void
rr_shadow_access(rr_runner *me, uintptr_t address, size_t n, bool is_write,
                 bool is_atomic, void *pc)
{
    uintptr_t end = granule_after_access(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end; g++) {
        cell *c = find_cell(g, true);
        if (c == NULL) {
            return;
        }
        if (c->is_freed) {
            const rr_freed *freed = rr_block_freed(c->block);
            rr_sighting_add(&(rr_sighting){
                .kind = RR_SEEN_USE_AFTER_FREE,
                .address = address,
                .runner = me->number,
                .other = freed->by,
                .is_write = is_write,
                .other_is_write = true,
                .at = rr_frames_of(me, pc),
                .other_at = freed->at,
            });
        }
        uint8_t mine = (uint8_t)(1u << me->number);
        c->writers |= is_write ? mine : 0;
        look_for_contention(me, c, is_write);
        if (rr_schedule_settings.finds_races && !is_atomic) {
            look_for_races(me, c, address, is_write, pc);
        }
    }
}

/* New memory: what others did at the same address does not count.  It conflicted all the
 * same: which runner gets the memory depends on the order. */
void
rr_shadow_reuse(uintptr_t address, size_t n)
{
    uintptr_t end = granule_after_access(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end; g++) {
        cell *c = find_cell(g, false);
        if (c != NULL) {
            *c = (cell){.granule = g,
                        .generation = cell_generation,
                        .writer = -1,
                        .is_contended = c->is_contended};
        }
    }
}

void
rr_shadow_free(rr_runner *me, uintptr_t address, size_t n, uint32_t block)
{
    uintptr_t end = granule_after_access(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end; g++) {
        cell *c = find_cell(g, true);
        if (c != NULL) {
            c->is_freed = true;
            c->block = block;
            c->writers |= (uint8_t)(1u << me->number);
        }
    }
}

static bool
conflicts_at(uintptr_t granule, uint64_t calls)
{
    const cell *c = find_cell(granule, false);
    if (c == NULL || c->is_contended || c->is_freed) { /* not recorded: assume the worst */
        return true;
    }
    /* What hooks see only reads of is perhaps the interpreter's. */
    return c->writers == 0 && calls > 0;
}

bool
rr_shadow_conflicts(uintptr_t address, size_t n, int runner)
{
    uint64_t calls = 0;
    for (int i = 0; i < rr_n_runners; i++) {
        calls += i == runner ? 0 : rr_runners[i].n_calls;
    }
    bool found = rr_is_large(n);
    uintptr_t end = granule_after_access(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end && !found; g++) {
        found = conflicts_at(g, calls);
    }
    return found;
}
