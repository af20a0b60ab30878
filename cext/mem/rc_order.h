/* rc_order.h -- the memory orders of C11, as the contract and the language have them. */
#ifndef RC_ORDER_H
#define RC_ORDER_H

#include <stdbool.h>

/* Sequential consistency is 0: what states no order has it. */
typedef enum rc_order {
    RC_SEQ_CST,
    RC_PLAIN, /* not atomic */
    RC_RELAXED,
    RC_ACQUIRE,
    RC_RELEASE,
    RC_ACQ_REL,
    RC_N_ORDERS
} rc_order;

static inline bool
rc_acquires(rc_order order)
{
    return order == RC_ACQUIRE || order == RC_ACQ_REL || order == RC_SEQ_CST;
}

static inline bool
rc_releases(rc_order order)
{
    return order == RC_RELEASE || order == RC_ACQ_REL || order == RC_SEQ_CST;
}

/* Of a compare-and-swap that fails: what its read needs, if nothing else is stated. */
static inline rc_order
rc_failure_of(rc_order order)
{
    return order == RC_SEQ_CST      ? RC_SEQ_CST
           : rc_acquires(order) ? RC_ACQUIRE
                                : RC_RELAXED;
}

#endif
