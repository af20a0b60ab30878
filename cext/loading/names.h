/* names.h -- the text of a name that macros make. */
#ifndef RR_NAMES_H
#define RR_NAMES_H

#define RR_TEXT_OF(name) #name
#define RR_NAME_OF(name) RR_TEXT_OF(name)

#endif
