/* library.h -- a mode in a library of its own, which is loaded while the program runs.
 *
 * The file of the mode is compiled as for the core, once for each table, together with
 * connect_native.c and connect_model.c.  Each extension module has its own core, so each
 * loads its own copy of the library, and connects it: it passes what the mode calls in
 * the core (core_native.def, core_model.def), and gets the tables.
 */
#ifndef RR_LIBRARY_H
#define RR_LIBRARY_H

#include "modes/mode.h"

#define RR_CORE(result, name, params, args) result(*name) params;
#define RR_CORE_DOES(name, params, args) void (*name) params;

/* The tables are valid while the library is loaded. */
#ifdef RC_NATIVE

typedef struct rr_native_core {
#include "library/core_native.def"
} rr_native_core;

typedef struct rr_native_library {
    const rr_mode_card *card;
    const rr_mode *native, *rounds, *widened;
} rr_native_library;

/* In the library, by the name RR_CONNECT_NATIVE. */
typedef const rr_native_library *rr_connect_native(const rr_native_core *core);

#else

typedef struct rr_model_core {
#include "library/core_model.def"
} rr_model_core;

/* In the library, by the name RR_CONNECT_MODEL. */
typedef const rr_mode *rr_connect_model(const rr_model_core *core);

#endif

#undef RR_CORE
#undef RR_CORE_DOES

/* The names of the two functions.  The version of the contract is a part of them, so a
 * library for another version has no function of that name. */
#define RR_VERSIONED(name, version) name##_##version
#define RR_NAME_OF_VERSION(name, version) RR_VERSIONED(name, version)
#define RR_CONNECT_NATIVE RR_NAME_OF_VERSION(rr_connect_native, RC_MEM_VERSION)
#define RR_CONNECT_MODEL RR_NAME_OF_VERSION(rr_connect_model, RC_MEM_VERSION)

#endif
