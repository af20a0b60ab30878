/* load_native.h -- connects the native tables of a loaded mode with this core. */
#ifndef RR_LOAD_NATIVE_H
#define RR_LOAD_NATIVE_H

/* Calls the function that a library has by RR_CONNECT_NATIVE, and keeps what it returns
 * under a number that is greater than those of the catalogue.  RR_EINVAL: it is not. */
int rr_load_native(int mode, void *connect);

/* The name of that function in libraries for this version of the contract. */
const char *rr_native_connector(void);

#endif
