/* objects_widened.c -- the interpreter's own counting, compiled with widened gaps. */
#define RC_WIDENED

#include "cpython/objects_counting.h"

RR_INTERPRETER_TABLE;
