/* images.c -- the patched modules, by address.  Offsets in them are the same in every
 * process, so hashes and tokens are made of those. */
#include "cpython/schedule/internal.h"

#include <string.h>

typedef struct image {
    uintptr_t low, high;
    char path[1024];
} image;

static image images[RR_MOST_IMAGES];
static int n_images;

bool
rr_image_add(uintptr_t low, uintptr_t high, const char *path)
{
    if (n_images == RR_MOST_IMAGES || strlen(path) >= sizeof images->path) {
        return false;
    }
    images[n_images].low = low;
    images[n_images].high = high;
    memcpy(images[n_images].path, path, strlen(path) + 1);
    n_images++;
    rr_images_record();
    return true;
}

void
rr_images_record(void)
{
    rr_flight *flight = rr_flight_recorder;
    if (flight == NULL) {
        return;
    }
    flight->n_paths = 0;
    for (int i = 0; i < n_images; i++) {
        size_t n = strlen(images[i].path) + 1;
        if (flight->n_paths + n > sizeof flight->paths) {
            break; /* a trace of a crash shows no lines of this one */
        }
        memcpy(flight->paths + flight->n_paths, images[i].path, n);
        flight->n_paths += (uint32_t)n;
    }
}

static const image *
find_image(uintptr_t at)
{
    for (int i = 0; i < n_images; i++) {
        if (at >= images[i].low && at < images[i].high) {
            return &images[i];
        }
    }
    return NULL;
}

enum { OFFSET_BITS = 48 };

uint64_t
rr_image_place(const void *pc)
{
    const image *found = find_image((uintptr_t)pc);
    return found == NULL ? 0
                         : ((uintptr_t)pc - found->low) |
                               (uint64_t)(found - images + 1) << OFFSET_BITS;
}

const char *
rr_schedule_image(const void *pc, uintptr_t *offset)
{
    const image *found = find_image((uintptr_t)pc);
    if (found == NULL) {
        return NULL;
    }
    *offset = (uintptr_t)pc - found->low;
    return found->path;
}

const char *
rr_schedule_recorded_image(const rr_flight *flight, uint64_t where, uintptr_t *offset)
{
    uint32_t end = flight->n_paths;
    uint64_t number = where >> OFFSET_BITS;
    if (number == 0 || end == 0 || end > sizeof flight->paths ||
        flight->paths[end - 1] != 0) {
        return NULL;
    }
    *offset = where & ((UINT64_C(1) << OFFSET_BITS) - 1);
    for (uint32_t at = 0; at < end; at += (uint32_t)strlen(flight->paths + at) + 1) {
        if (--number == 0) {
            return flight->paths + at;
        }
    }
    return NULL;
}
