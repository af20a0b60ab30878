/* layout.h -- where each part of a state is in its array of words.
 *
 * A state is an array of int32_t: shared data, then objects, then one block per thread.
 * What a program rarely needs (deep stacks, many objects, long buffers) has a capacity
 * that starts small.  A run that needs more reports which capacity, and starts again in a
 * wider layout.  So states stay short without any analysis of the program.
 */
#ifndef RR_LAYOUT_H
#define RR_LAYOUT_H

#include "modes/model_modes.h"
#include "program/program.h"

enum rr_capacity {
    RR_CAPACITY_FRAMES,  /* calls and destructions in progress in one thread */
    RR_CAPACITY_READS,   /* values read by an operation in progress, + 1; 0: no operation
                          * has a second access */
    RR_CAPACITY_BUFFER,  /* buffered writes of one thread */
    RR_CAPACITY_ITEMS,   /* room in a container beyond its first items */
    RR_CAPACITY_OBJECTS, /* objects made by `new` */
    RR_N_CAPACITIES
};

/* No capacity may grow past RR_MAX_CAPACITY (RR_EROOM), and no state past
 * RR_MAX_STATE_WORDS (RR_EWORDS); see limits.def. */

/* Words of an object, relative to its base; -1 for those that the program or mode never
 * needs. */
typedef struct rr_object_layout {
    int32_t base;
    int32_t type; /* word: template + 1, 0 where there is no object; -1: fixed */
    int32_t first_field;
    int32_t n_fields;
} rr_object_layout;

/* Offsets from an object's base; the optional ones are -1 when left out. */
enum { RR_OBJECT_STATUS, RR_OBJECT_COUNT, RR_OBJECT_LEDGER, RR_OBJECT_FIXED };

/* The fields of the block of a container's items: how many it can hold, the threads that
 * it waits for (bits, as an integer), and the items. */
enum { RR_BLOCK_ROOM, RR_BLOCK_WAITS_FOR, RR_BLOCK_ITEMS };

/* Offsets from a thread's base. */
enum { RR_THREAD_DEPTH, RR_THREAD_FRAMES };

/* Offsets from a frame's base.  A frame runs a body (its position, then its locals), or
 * destroys an object (one of rr_destruction, then the object), or is at a thread's
 * end. */
enum { RR_FRAME_PLACE, RR_FRAME_LOCALS };

enum rr_destruction {
    RR_DESTROY_BEGUN = -1,   /* its finaliser has not run */
    RR_DESTROY_TO_FREE = -2, /* the next step frees the memory */
};

/* Or its object was kept (RR_OP_RESURRECT_END), and only the finaliser goes on. */
enum { RR_DESTRUCTION_OVER = -5 };

/* Or it does the mode's work for when the thread ends, or when all have ended. */
enum rr_departure { RR_LEAVES = -3, RR_COLLAPSES = -4 };

/* Or it collects garbage (its phase follows), or calls back for weak references that it has
 * cleared (the callbacks that are left, one bit each). */
enum rr_collection { RR_COLLECTS = -6, RR_CALLS_BACK = -7 };
enum { RR_FINALISES, RR_CLEARS };

static inline bool
rr_is_collection(int32_t place)
{
    return place == RR_COLLECTS || place == RR_CALLS_BACK;
}

static inline bool
rr_is_destruction(int32_t place)
{
    return place == RR_DESTROY_BEGUN || place == RR_DESTROY_TO_FREE;
}

/* Offsets from a thread's interrupts: how many `masked` blocks it is in, the depth of the
 * frame of the interrupt that is running (0: none), and how often each may still come. */
enum { RR_INTERRUPT_MASKED, RR_INTERRUPT_DEPTH, RR_INTERRUPT_LEFT };
/* Words of a critical section, behind the locals of its frame: its objects in the order
 * in which they are locked, the second or null, and its state (machine/sections.h). */
enum { RR_SECTION_X, RR_SECTION_Y, RR_SECTION_STATE, RR_SECTION_WORDS };

/* Offsets from an object's queue_offset. */
enum { RR_QUEUE_OF, RR_QUEUE_PLACE, RR_QUEUE_WORDS };

typedef struct rr_thread_layout {
    int32_t base, n_words;
    /* Of the thread's own body, with the words of its critical sections; deeper frames
     * are all alike. */
    int32_t n_first_locals;
    int32_t n_sections;
    int32_t operation;      /* word: accesses done; then the values read; -1: none */
    int32_t buffer;         /* word: buffered writes; then the objects; -1: none */
    int32_t left;           /* word: is its queue closed?  -1: there are none */
    int32_t lanes;          /* those of object 0, then of 1 ... */
    int32_t announced;      /* word: RR_OFFLINE, or an epoch + 1; -1: none */
    int32_t attachment;     /* word: an rr_attachment; -1: the program detaches nobody */
    int32_t interrupts;     /* word: see RR_INTERRUPT_MASKED; -1: none is declared */
    int32_t n_interrupts, first_interrupt; /* among those of the program */
} rr_thread_layout;

typedef struct rr_layout {
    const rr_program *program;
    int32_t capacity[RR_N_CAPACITIES];
    int32_t n_words;
    int32_t n_row; /* without the memory that C11 adds behind it (machine/weak.h) */
    bool is_too_large;
    int32_t n_objects; /* the named ones, then room for those made by `new` */
    /* Including the one that runs the end block and settles what the others have left. */
    int32_t n_threads;
    int32_t frame_words;
    int32_t n_deep_sections; /* in a frame that is not a thread's first */
    bool has_sections;       /* false where they do nothing: with the GIL */
    bool orders_objects;     /* does a section, or the collector, go by their order? */
    bool has_weak;           /* are there weak references? */

    int32_t latent, end_begun;
    int32_t holder, count_lock, gil, epoch; /* -1 if never needed */
    int32_t stop; /* words: the thread that stops the world, and how far; -1: none does */
    int32_t cells;
    int32_t *containers; /* word: length; then the items, or the block that has them */
    int32_t *container_room; /* the most items that fit a state */
    bool delays_frees;
    int32_t *locks; /* word: holder; then the depth if re-entrant */
    /* In an object, or -1: x.m, and what the mode keeps. */
    int32_t mutex_offset, count_mutex_offset, shared_offset, tid_offset, queue_offset;
    int32_t n_lanes;
    rr_object_layout *objects;
    rr_thread_layout threads[RR_MAX_PROGRAM_THREADS + 1];

    /* Every word that names a thread (0 for none, t + 1). */
    int32_t *owners;
    int32_t n_owners;
} rr_layout;

/* RR_EWORDS: a state would be too long. */
int rr_layout_open(const rr_program *program, bool gil_held, const rr_mode *mode,
                   const int32_t capacity[RR_N_CAPACITIES], rr_layout *out);
void rr_layout_close(rr_layout *layout);

static inline int32_t
rr_frame_of(const rr_layout *l, int thread, int depth)
{
    const rr_thread_layout *t = &l->threads[thread];
    return depth == 0 ? t->base + RR_THREAD_FRAMES
                      : t->base + RR_THREAD_FRAMES + RR_FRAME_LOCALS + t->n_first_locals +
                            (depth - 1) * l->frame_words;
}

#endif
