/* rr_status.h -- how functions of the core report failure: 0 or a negative number.
 *
 * A finding about a program is a result, never a status; so is reaching a bound.
 */
#ifndef RR_STATUS_H
#define RR_STATUS_H

enum {
#define RR_STATUS(name, value, message) name = value,
#include "base/status.def"
#undef RR_STATUS
};

/* The message of a status; never NULL, never freed. */
const char *rr_status_message(int status);

#endif
