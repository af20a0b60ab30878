/* objects_native.c -- the interpreter's own counting, compiled for loops over one object. */
#define RC_NATIVE

#include "cpython/objects_counting.h"

RR_INTERPRETER_TABLE;
