/* rr_status.c -- the text of each status. */
#include "base/rr_status.h"

const char *
rr_status_message(int status)
{
    switch (status) {
#define RR_STATUS(name, value, message)                                                 \
    case name:                                                                          \
        return message;
#include "base/status.def"
#undef RR_STATUS
    default:
        return "unknown status";
    }
}
