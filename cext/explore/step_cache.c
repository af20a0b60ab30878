/* step_cache.c -- which steps can be remembered, and a table of them. */
#include "explore/step_cache.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum {
    FEWEST_SLOTS = 1 << 8,
    MOST_CACHE_BYTES = 1 << 20, /* it is worth little if it is not in a core's own cache */
    STATES_OF_SLOT = 16,
    MOST_CACHED_WORDS = 16,
    CACHE_TRIAL = 1 << 14, /* after so many lookups, a cache that finds little is closed */
};

/* ---- which steps ------------------------------------------------------------------ */

/* Does a step with this operation depend on nothing of other threads?  An operation that
 * is not listed does, so a new one is not cached until somebody has looked. */
static bool
is_own_business(int op)
{
    switch (op) {
    case RR_OP_LOAD:
    case RR_OP_STORE:
    case RR_OP_ASSIGN:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_FADD:
    case RR_OP_INCREF:
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_SETRC:
    case RR_OP_CASRC:
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
    case RR_OP_INIT:
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
    case RR_OP_USE:
    case RR_OP_PEEK:
    case RR_OP_POKE:
    case RR_OP_FENCE:
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
    case RR_OP_CALL:
    case RR_OP_MAYBE:
    case RR_OP_GIL:
    case RR_OP_RETURN:
    case RR_OP_JUMP:
    case RR_OP_JUMP_UNLESS:
    case RR_OP_ASSERT:
    case RR_OP_GIVE:
        return true;
    default:
        return false;
    }
}

/* Does the mode keep nothing but words of the object and its locks? */
static bool
is_plain_mode(const rr_mode *mode)
{
    const unsigned plain = RR_KEEPS_OBJECT_LOCK | RR_KEEPS_GLOBAL_LOCK | RR_KEEPS_SHARED;
    return (mode->keeps & ~plain) == 0 && mode->n_lanes == 0 && !mode->frees_late &&
           mode->arrive == NULL && mode->quiesce == NULL && mode->leave == NULL &&
           mode->detach == NULL && mode->collapse == NULL;
}

static bool
may_cache(const rr_machine *m, const rr_symmetry *symmetry, const rr_state_store *space)
{
    const rr_layout *l = &m->layout;
    bool is_plain = !m->is_weak && !m->gil_held && m->only < 0 && !symmetry->any &&
                    !l->has_weak && !l->delays_frees &&
                    m->program->n_interrupts == 0 && m->program->n_containers == 0 &&
                    l->capacity[RR_CAPACITY_OBJECTS] == 0 &&
                    l->capacity[RR_CAPACITY_BUFFER] == 0 && is_plain_mode(m->mode) &&
                    space->state_bytes / 8 <= MOST_CACHED_WORDS;
    for (int32_t i = 0; is_plain && i < m->program->n_instrs; i++) {
        is_plain = is_own_business(m->program->instrs[i].op);
    }
    return is_plain;
}

/* ---- opening ---------------------------------------------------------------------- */

static void
mark(char *mask, int width, int32_t first, int32_t end)
{
    size_t bytes = (size_t)width;
    memset(mask + (size_t)first * bytes, 0xff, (size_t)(end - first) * bytes);
}

static bool
has_maybe(const rr_program *p)
{
    bool has = false;
    for (int32_t i = 0; i < p->n_instrs; i++) {
        has |= p->instrs[i].op == RR_OP_MAYBE;
    }
    return has;
}

int
rr_step_cache_open(const rr_machine *m, const rr_symmetry *symmetry,
                   const rr_state_store *space, rr_step_cache *out)
{
    *out = (rr_step_cache){.n_words = space->state_bytes / 8};
    if (!may_cache(m, symmetry, space)) {
        return RR_OK;
    }
    const rr_layout *l = &m->layout;
    out->n_results = has_maybe(m->program) ? RR_MOST_CACHED : 1;
    out->entry_bytes =
        sizeof(rr_cached_step) + 8 * (size_t)(1 + out->n_results) * out->n_words;
    out->entry_bytes = (out->entry_bytes + 7) / 8 * 8;
    out->masks = rr_alloc((size_t)l->n_threads * out->n_words, sizeof *out->masks);
    if (out->masks == NULL) {
        return RR_ENOMEM;
    }
    for (int t = 0; t < l->n_threads; t++) {
        char *mask = (char *)(out->masks + (size_t)t * out->n_words);
        int32_t first = l->threads[t].base;
        mark(mask, space->width, 0, l->threads[0].base);
        mark(mask, space->width, first, first + l->threads[t].n_words);
    }
    out->is_on = true;
    return RR_OK;
}

void
rr_step_cache_close(rr_step_cache *cache)
{
    rr_free(cache->masks);
    rr_free(cache->entries);
    *cache = (rr_step_cache){0};
}

void
rr_step_cache_fit(rr_step_cache *cache, uint64_t n_states)
{
    uint64_t n = cache->n_slots > 0 ? cache->n_slots : FEWEST_SLOTS;
    while (n * STATES_OF_SLOT < n_states && 2 * n * cache->entry_bytes <= MOST_CACHE_BYTES) {
        n *= 2;
    }
    if (n == cache->n_slots) {
        return;
    }
    rr_free(cache->entries);
    cache->n_slots = n;
    cache->entries = rr_alloc((size_t)n, cache->entry_bytes);
    if (cache->entries == NULL) {
        rr_step_cache_close(cache);
    }
}

uint64_t
rr_step_cache_bytes(const rr_step_cache *cache)
{
    return cache->entries == NULL
               ? 0
               : rr_alloc_held((size_t)cache->n_slots, cache->entry_bytes);
}

/* ---- steps ------------------------------------------------------------------------ */

static inline uint64_t
word_at(const char *packed, size_t i)
{
    uint64_t word;
    memcpy(&word, packed + 8 * i, 8);
    return word;
}

static inline uint64_t *
words_of(rr_cached_step *entry)
{
    return (uint64_t *)(void *)(entry + 1);
}

rr_cached_step *
rr_step_cache_look_up(rr_step_cache *cache, const char *packed, int thread, bool *found)
{
    const uint64_t *mask = cache->masks + (size_t)thread * cache->n_words;
    uint64_t h = (uint64_t)thread;
    for (size_t i = 0; i < cache->n_words; i++) {
        h = (h ^ (word_at(packed, i) & mask[i])) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    uint64_t slot = h & (cache->n_slots - 1);
    rr_cached_step *entry =
        (rr_cached_step *)(void *)(cache->entries + slot * cache->entry_bytes);
    const uint64_t *before = words_of(entry);
    uint64_t differs = (uint64_t)(entry->who ^ (thread + 1));
    for (size_t i = 0; i < cache->n_words; i++) {
        differs |= before[i] ^ (word_at(packed, i) & mask[i]);
    }
    *found = differs == 0;
    cache->n_hits += *found;
    if (++cache->n_lookups == CACHE_TRIAL) {
        cache->is_on = cache->n_hits >= CACHE_TRIAL / 4;
        cache->n_lookups = cache->n_hits = 0;
    }
    return entry;
}

void
rr_step_cache_begin(rr_step_cache *cache, rr_cached_step *entry, const char *packed,
                    int thread)
{
    const uint64_t *mask = cache->masks + (size_t)thread * cache->n_words;
    *entry = (rr_cached_step){.who = (uint8_t)(thread + 1)};
    for (size_t i = 0; i < cache->n_words; i++) {
        words_of(entry)[i] = word_at(packed, i) & mask[i];
    }
}

void
rr_step_cache_add(rr_step_cache *cache, rr_cached_step *entry, const char *after,
                  uint32_t target)
{
    int i = entry->n++;
    if (after == NULL) {
        entry->ends |= (uint8_t)(1u << i);
        entry->target[i] = target;
        return;
    }
    const uint64_t *mask = cache->masks + (size_t)(entry->who - 1) * cache->n_words;
    uint64_t *words = words_of(entry) + (size_t)(1 + i) * cache->n_words;
    for (size_t k = 0; k < cache->n_words; k++) {
        words[k] = word_at(after, k) & mask[k];
    }
}

void
rr_step_cache_apply(const rr_step_cache *cache, const rr_cached_step *entry,
                    const char *packed, int i, char *out)
{
    const uint64_t *mask = cache->masks + (size_t)(entry->who - 1) * cache->n_words;
    const uint64_t *words = (const uint64_t *)(const void *)(entry + 1) +
                            (size_t)(1 + i) * cache->n_words;
    for (size_t k = 0; k < cache->n_words; k++) {
        uint64_t word = (word_at(packed, k) & ~mask[k]) | words[k];
        memcpy(out + 8 * k, &word, 8);
    }
}
