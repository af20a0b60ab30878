/* weak.h -- memory under C11: every atomic cell keeps its writes, and every thread, lock
 * and write has a view of them.
 *
 * The model is RC11 without load buffering (O. Lahav, V. Vafeiadis, J. Kang, C.-K. Hur,
 * D. Dreyer: Repairing sequential consistency in C/C++11, PLDI 2017) in an operational
 * form with views (J. Kang, C.-K. Hur, O. Lahav, V. Vafeiadis, D. Dreyer: A promising
 * semantics for relaxed-memory concurrency, POPL 2017, without promises).
 *
 * A *location* is an atomic cell: a cell or field of the program, an item of a container's
 * block, the pointer to that block, or a word that the mode
 * keeps.  Its *messages* are its writes, oldest first; a message is *glued* to the one
 * before it if a read-modify-write read that one.  A *view* has for each location the
 * position of the oldest message that may still be read, and for each object which accesses
 * of which threads are known to happen before.
 *
 * A thread may no longer read what is older than what it has read.  Reading alone is no
 * happening before, and RC11 lets a sequentially consistent fence hand what was only read
 * on to other fences, but not to accesses.  So if a program has both, a view has a second
 * position for each location: that of the newest message that happens before.
 *
 * All of this is one block of 8-byte words behind the row of words of a state.  The row
 * has the value of the newest message, so code that needs no older one reads the row.
 */
#ifndef RR_WEAK_H
#define RR_WEAK_H

#include "mem/rc_order.h"
#include "program/layout.h"

enum {
    RR_WEAK_THREADS = 8,    /* most threads of a program under C11 */
    RR_WEAK_CLASSES = 64,   /* most classes of locations, and of locks */
    RR_MOST_HISTORY = 15,   /* most messages of a location; a position takes 4 bits */
    RR_WEAK_LOCATIONS = 96, /* most locations */
    RR_WEAK_POSITIONS = 2 * RR_WEAK_LOCATIONS, /* most positions of a view */
    /* Most accesses that are known of: of objects, and of locations.  An object is a
     * location at least. */
    RR_MOST_KNOWN = 2 * RR_WEAK_LOCATIONS,
};

/* What a thread knows of another's accesses to an object: three bits for each thread.
 * The object's initialisation has one bit more. */
enum { RR_KNOWN_ACCESS, RR_KNOWN_WRITE, RR_KNOWN_READ, RR_KNOWN_KINDS };
#define RR_KNOWN_INIT (UINT32_C(1) << (RR_KNOWN_KINDS * RR_WEAK_THREADS))
/* The same of a location that some step accesses plainly: four bits for each thread. */
enum { RR_CELL_PLAIN_WRITE, RR_CELL_ATOMIC_WRITE, RR_CELL_PLAIN_READ, RR_CELL_ATOMIC_READ,
       RR_CELL_KINDS };

/* A thread's views: what happens before its next step; what an acquire fence would add;
 * what its last release fence released. */
enum { RR_VIEW_CURRENT, RR_VIEW_PENDING, RR_VIEW_RELEASED, RR_THREAD_VIEWS };

/* What a step accesses, as far as others need to know it: a cell of the program, one of
 * the words that a mode keeps, a field of an object (of any object), an item of a block (of
 * any block), or a container's pointer to its block. */
enum rr_word_class {
    RR_CLASS_REFCNT,
    RR_CLASS_SHARED,
    RR_CLASS_TID,
    RR_CLASS_EPOCH,
    RR_CLASS_ANNOUNCED,
    RR_CLASS_ITEM,
    RR_MODE_CLASSES, /* then the names of fields, the cells, and the containers */
};

/* The same of what only synchronises. */
enum rr_sync_class {
    RR_SYNC_HOLDER, /* the interpreter's GIL */
    RR_SYNC_COUNT_LOCK,
    RR_SYNC_GIL,
    RR_SYNC_MUTEX,
    RR_SYNC_COUNT_MUTEX,
    RR_SYNC_QUEUE,
    RR_SYNC_ATTACHMENT,
    RR_SYNC_QUIESCENCE, /* of containers that delay the free of a block */
    RR_SYNC_REFERENCE,  /* the locks of weak references */
    RR_SYNC_CLASSES, /* then the locks, then the containers */
};

/* How an operation accesses a word: bits. */
enum rr_way {
    RR_MAY_LOAD = 1,      /* and store nothing */
    RR_MAY_LOAD_ZERO = 2, /* the same, but only if the value is 0 */
    RR_MAY_CHANGE = 4,    /* read-modify-write */
    RR_MAY_STORE = 8,
    RR_MAY_ACQUIRE = 16, /* by the access itself */
    RR_MAY_WEAKLY_WRITE = 32, /* a write that releases only what a fence did */
    RR_MAY_BE_WEAK = 4096,    /* not sequentially consistent */
    RR_MAY_BE_UNLOCKED = 8192, /* without holding the mode's lock of that word */
    /* In the row of RR_CLASS_REFCNT only, of the operation as a whole. */
    RR_MAY_FENCE_ACQUIRE = 64,
    RR_MAY_RELEASE = 128,
    RR_MAY_SEQ_CST = 256,
    RR_MAY_NOT_CHANGE = 512, /* it may complete without having changed the count first */
    RR_MAY_LOCK = 1024,      /* any lock, queue or attachment */
    RR_MAY_FREE = 2048,
};

/* What the operations of the mode do, as far as an exploration has seen.  A search that
 * sees more adds it and starts again, because what a thread may still do decides which
 * states are alike. */
typedef struct rr_ways {
    uint32_t of[RR_N_OPS][RR_MODE_CLASSES];
} rr_ways;

/* An access or fence of the mode's source, made weaker. */
typedef struct rr_weakening {
    const char *file, *text;
    int line;
    rc_order order;
} rr_weakening;

typedef struct rr_weak {
    int history; /* most messages of a location, 1 to RR_MOST_HISTORY */
    rr_ways *ways;
    const rr_weakening *weakened; /* at the same time; their owner keeps them */
    int n_weakened;
    struct rr_sites *sites; /* the places of the mode that were reached; NULL: not kept */
} rr_weak;

enum { RR_MAX_SITES = 128 };

/* An access or fence of the mode's source, with its order there. */
typedef struct rr_noted {
    const char *file, *text;
    int line;
    rc_order order;
} rr_noted;

typedef struct rr_sites {
    int n;
    rr_noted noted[RR_MAX_SITES];
} rr_sites;

/* Where the parts of the block are, in words of 8 bytes. */
typedef struct rr_shape {
    int32_t n_locations, n_syncs, n_threads, n_objects, n_known;
    int32_t room; /* for messages of a location */
    int32_t second; /* where second positions begin; 0: they are the first ones */
    int32_t n_positions, n_position_words, view_words;
    int32_t n_fixed_views; /* of threads and syncs */
    int32_t order_at, lists_at, values_at, sources_at, views_at, n_words;
    int32_t block; /* in the row's words */
    /* Of each location. */
    uint64_t classes[RR_WEAK_LOCATIONS]; /* bits: what a step may call it */
    int16_t object_of[RR_WEAK_LOCATIONS]; /* -1: none */
    int16_t known_of[RR_WEAK_LOCATIONS];  /* -1: it is never accessed plainly */
    int16_t announced_by[RR_WEAK_LOCATIONS]; /* the thread; -1: another location */
    int32_t word_of[RR_WEAK_LOCATIONS];
    int16_t *location_of; /* of each word of the row; -1: none */
    int16_t *sync_of;     /* of each word of the row; -1: none */
    int32_t first_cell, first_of_new, n_each; /* locations; of objects made by `new` */
    /* Those of the queues and of the attachments, if any, come last. */
    bool announces; /* it has locations that a thread announces */
    int32_t queue_sync, attachment_sync, container_sync, quiescence_sync, replaced_sync,
        n_classes;
    uint8_t sync_class[RR_WEAK_LOCATIONS];
    int16_t sync_object[RR_WEAK_LOCATIONS]; /* -1: it is in no object */
} rr_shape;

/* What an access wants of a location. */
typedef enum rr_wish_kind {
    RR_WANTS_VALUE, /* a load */
    RR_STORES,
    RR_CHANGES, /* a read-modify-write of any value */
    RR_CHANGES_IF, /* ... of the value `a`; a load of any other */
    RR_CHANGES_UNLESS_ZERO,
    RR_CHANGES_WITHIN,     /* ... of a value from `a` to `b` */
    RR_WANTS_TRUE, /* a load of a true word; it waits for one */
    RR_WANTS_FALSE,
    RR_WANTS_EQUAL, /* to `a` */
} rr_wish_kind;

typedef struct rr_wish {
    rr_wish_kind kind;
    int64_t a, b;
    rc_order order, failure; /* failure: of a conditional change that is a load */
} rr_wish;

/* The message that an access reads, or behind which a store puts its own. */
typedef struct rr_pick {
    int32_t location;
    int at;
    bool reads, writes;
    rc_order order;
    int32_t value;
} rr_pick;

/* A step's first two accesses of locations may choose a message; two half-bytes. */
enum { RR_MAX_PICKS = 2, RR_PICK_BITS = 4, RR_N_CHOICES = 1 << 8 };

/* The messages of a location. */
typedef struct rr_list {
    uint8_t n;
    uint16_t glue; /* a bit for each position */
} rr_list;

#endif
