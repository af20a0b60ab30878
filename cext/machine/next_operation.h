/* next_operation.h -- predicts a thread's next step without running it. */
#ifndef RR_NEXT_OPERATION_H
#define RR_NEXT_OPERATION_H

#include "machine/machine.h"

typedef enum rr_next_kind {
    RR_NEXT_PLAIN, /* only reads objects' states, apart from what the collector knows;
                    * changes no count, except by publishing objects that no other
                    * thread can reach yet */
    RR_NEXT_PLACE, /* the same, but may change the value of a cell or field */
    RR_NEXT_COUNT, /* an operation of the mode on an existing object */
    RR_NEXT_HOOK,  /* one piece of the mode's deferred work for the thread */
    RR_NEXT_EXCLUSIVE, /* may change the count or the state of any object */
    RR_NEXT_END,       /* nothing: the thread has ended */
} rr_next_kind;

typedef struct rr_next {
    rr_next_kind kind;
    int op; /* of its instruction; -1: the free step of a destruction, or none */
    /* For RR_NEXT_COUNT: the object, and the operation's arguments. */
    int object;
    int64_t a, b;
} rr_next;

/* Has the thread begun an operation of the mode that is not complete? */
bool rr_machine_is_inside(const rr_machine *m, int thread);

/* pre: the thread is not inside an operation. */
rr_next rr_machine_next(rr_machine *m, int thread);

#endif
