/* decode.h -- from an image to tables; for cext/program/ only. */
#ifndef RR_DECODE_H
#define RR_DECODE_H

#include "program/program.h"

/* Fills the tables of a zeroed program.  Whatever the status, rr_program_close frees
 * them. */
int rr_program_decode(const int32_t *image, size_t n, rr_program *p);

#endif
