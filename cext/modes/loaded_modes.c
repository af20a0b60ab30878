/* loaded_modes.c -- the tables of loaded modes. */
#include "modes/loaded_modes.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/rr_status.h"

static _Atomic(const void *) loaded[RR_MAX_LOADED_MODES][RR_N_LOADED_TABLES];

const void *
rr_loaded_mode(int mode, enum rr_loaded_table table)
{
    if (mode < RR_N_MODES || mode - RR_N_MODES >= RR_MAX_LOADED_MODES) {
        return NULL;
    }
    return atomic_load_explicit(&loaded[mode - RR_N_MODES][table],
                                memory_order_acquire);
}

int
rr_loaded_mode_set(int mode, enum rr_loaded_table table, const void *content)
{
    if (mode < RR_N_MODES || mode - RR_N_MODES >= RR_MAX_LOADED_MODES) {
        return RR_EINVAL;
    }
    const void *none = NULL;
    (void)atomic_compare_exchange_strong_explicit(&loaded[mode - RR_N_MODES][table],
                                                  &none, content, memory_order_release,
                                                  memory_order_relaxed);
    return RR_OK;
}
