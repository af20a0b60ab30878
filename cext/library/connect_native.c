/* connect_native.c -- the native half of a loaded mode: what it calls in the core, and its
 * tables; see library.h.
 *
 * The command line defines RC_NATIVE, RC_LOADED, and RR_MODE_ID: the id of the mode, as
 * its card has it.
 */
#include "library/library.h"

static rr_native_core core;

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
#include "library/core_native.def"

#define RR_JOIN(a, b) a##b
#define RR_NAMED(prefix, id) RR_JOIN(prefix, id)
#define RR_CARD RR_NAMED(rr_mode_card_, RR_MODE_ID)
#define RR_NATIVE RR_NAMED(rr_native_mode_, RR_MODE_ID)
#define RR_ROUNDS RR_NAMED(rr_round_mode_, RR_MODE_ID)
#define RR_WIDENED RR_NAMED(rr_widened_mode_, RR_MODE_ID)

extern const rr_mode_card RR_CARD;
extern const rr_mode RR_NATIVE, RR_ROUNDS, RR_WIDENED;

__attribute__((visibility("default"))) rr_connect_native RR_CONNECT_NATIVE;

const rr_native_library *
RR_CONNECT_NATIVE(const rr_native_core *given)
{
    static const rr_native_library library = {
        .card = &RR_CARD,
        .native = &RR_NATIVE,
        .rounds = &RR_ROUNDS,
        .widened = &RR_WIDENED,
    };
    core = *given;
    return &library;
}
