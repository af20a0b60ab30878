/* load_model.c -- connects the explorer's table of a loaded mode with this core. */
#define RC_MODEL

#include "loading/load_model.h"

#include <string.h>

#include "loading/names.h"
#include "library/library.h"
#include "modes/loaded_modes.h"

static const rr_model_core core = {
#define RR_CORE(result, name, params, args) .name = name,
#define RR_CORE_DOES(name, params, args) .name = name,
#include "library/core_model.def"
#undef RR_CORE
#undef RR_CORE_DOES
};

const char *
rr_model_connector(void)
{
    return RR_NAME_OF(RR_CONNECT_MODEL);
}

int
rr_load_model(int mode, void *connect)
{
    rr_connect_model *function;
    /* C has no cast from a pointer to data, which dlsym returns; POSIX has them alike. */
    memcpy(&function, &connect, sizeof function);
    return rr_loaded_mode_set(mode, RR_LOADED_MODEL, function(&core));
}
