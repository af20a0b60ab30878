/* load_native.c -- connects the native tables of a loaded mode with this core. */
#define RC_NATIVE

#include "loading/load_native.h"

#include <string.h>

#include "base/rr_status.h"
#include "loading/names.h"
#include "library/library.h"
#include "modes/loaded_modes.h"

static rr_gap_thread **
rr_gap_self_address(void)
{
    return &rr_gap_self;
}

static const rr_native_core core = {
#define RR_CORE(result, name, params, args) .name = name,
#define RR_CORE_DOES(name, params, args) .name = name,
#include "library/core_native.def"
#undef RR_CORE
#undef RR_CORE_DOES
};

const char *
rr_native_connector(void)
{
    return RR_NAME_OF(RR_CONNECT_NATIVE);
}

int
rr_load_native(int mode, void *connect)
{
    rr_connect_native *function;
    /* C has no cast from a pointer to data, which dlsym returns; POSIX has them alike. */
    memcpy(&function, &connect, sizeof function);
    const rr_native_library *library = function(&core);
    int status = rr_loaded_mode_set(mode, RR_LOADED_CARD, library->card);
    if (status == RR_OK) {
        status = rr_loaded_mode_set(mode, RR_LOADED_ROUNDS, library->rounds);
    }
    if (status == RR_OK) {
        status = rr_loaded_mode_set(mode, RR_LOADED_WIDENED, library->widened);
    }
    if (status == RR_OK) {
        status = rr_loaded_mode_set(mode, RR_LOADED_NATIVE, library->native);
    }
    return status;
}
