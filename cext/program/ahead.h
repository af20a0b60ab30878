/* ahead.h -- what a thread would do next, without doing it. */
#ifndef RR_AHEAD_H
#define RR_AHEAD_H

#include "program/machine.h"

typedef enum rr_ahead_kind {
    RR_AHEAD_PLAIN,     /* touches no object's state but by reading it, and no count but
                         * by publishing: that of objects that no other thread is at */
    RR_AHEAD_PLACE,     /* may change what a cell or field holds, likewise */
    RR_AHEAD_COUNT,     /* an operation of the mode on an object that is there */
    RR_AHEAD_HOOK,      /* one piece of what the mode has to settle for the thread */
    RR_AHEAD_EXCLUSIVE, /* may change the count or the state of any object */
    RR_AHEAD_END,       /* nothing: the thread has ended */
} rr_ahead_kind;

typedef struct rr_ahead {
    rr_ahead_kind kind;
    int op; /* of its instruction; -1: the free step of a destruction, or none */
    /* Of RR_AHEAD_COUNT: the object, and the numbers that the operation is handed. */
    int object;
    int64_t a, b;
} rr_ahead;

/* Has it begun an operation of the mode, and not come to its end? */
bool rr_machine_is_inside(const rr_machine *m, int thread);

/* pre: the thread is not inside an operation. */
rr_ahead rr_machine_ahead(rr_machine *m, int thread);

#endif
