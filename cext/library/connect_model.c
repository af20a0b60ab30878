/* connect_model.c -- the half of a loaded mode that is for the explorer; see
 * connect_native.c. */
#include "library/library.h"

static rr_model_core core;

#define RR_CORE(result, name, params, args)                                             \
    result name params                                                                  \
    {                                                                                   \
        return core.name args;                                                          \
    }
#define RR_CORE_DOES(name, params, args)                                                \
    void name params                                                                    \
    {                                                                                   \
        core.name args;                                                                 \
    }
#include "library/core_model.def"

#define RR_JOIN(a, b) a##b
#define RR_NAMED(prefix, id) RR_JOIN(prefix, id)
#define RR_MODEL RR_NAMED(rr_model_mode_, RR_MODE_ID)

extern const rr_mode RR_MODEL;

__attribute__((visibility("default"))) rr_connect_model RR_CONNECT_MODEL;

const rr_mode *
RR_CONNECT_MODEL(const rr_model_core *given)
{
    core = *given;
    return &RR_MODEL;
}
