/* objects_interpreter.h -- the running interpreter's own counting, for races. */
#ifndef RR_CPYTHON_OBJECTS_INTERPRETER_H
#define RR_CPYTHON_OBJECTS_INTERPRETER_H

#include <stdint.h>

#ifndef RC_NATIVE
#define RC_NATIVE
#endif

#include "modes/mode.h"
#include "race/race.h"

/* More references to one object than this are not counted any more, or are taken for an
 * immortal object's. */
#define RR_INTERPRETER_MOST ((int64_t)1 << 30)

/* NULL: this build checks each count (Py_DEBUG, Py_REF_DEBUG), and cannot race. */
const rr_own_mode *rr_interpreter_mode(void);

/* The count that the words of an object say, and the words of a new object. */
int64_t rr_interpreter_count_of(const rr_words *words);
void rr_interpreter_begin(rr_words *words, const rr_start *start);

#endif
