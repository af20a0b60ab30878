/* next_operation.h -- what a thread would do next, without doing it. */
#ifndef RR_NEXT_OPERATION_H
#define RR_NEXT_OPERATION_H

#include "machine/machine.h"

typedef enum rr_next_kind {
    RR_NEXT_PLAIN, /* only reads objects' states; changes no count but by publishing
                    * objects that no other thread can reach yet */
    RR_NEXT_PLACE, /* the same, but may change what a cell or field holds */
    RR_NEXT_COUNT, /* an operation of the mode on an object that is there */
    RR_NEXT_HOOK,  /* one piece of what the mode has to settle for the thread */
    RR_NEXT_EXCLUSIVE, /* may change the count or the state of any object */
    RR_NEXT_END,       /* nothing: the thread has ended */
} rr_next_kind;

typedef struct rr_next {
    rr_next_kind kind;
    int op; /* of its instruction; -1: the free step of a destruction, or none */
    /* Of RR_NEXT_COUNT: the object, and the operation's arguments. */
    int object;
    int64_t a, b;
} rr_next;

/* pre: the thread is not inside an operation. */
rr_next rr_machine_next(rr_machine *m, int thread);

#endif
