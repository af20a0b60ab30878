/* objects_rounds.c -- the interpreter's own counting, compiled for loops over many objects. */
#define RC_NATIVE
#define RR_FINDS_ANEW

#include "cpython/objects_counting.h"

RR_INTERPRETER_TABLE;
