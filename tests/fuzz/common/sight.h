/*
 * sight.h: everything that ration shows of what a user names: one look of many, by number; and that what is shown is fit to
 * be seen, whatever it was made from.
 */
#ifndef RATION_FUZZ_SIGHT_H
#define RATION_FUZZ_SIGHT_H

#include <stdint.h>

/* Opens the subject at this path and looks at it. A look whose output is not fit ends the program. */
void sight_take(const char *path, uint8_t number);

/* A file that a look reads beside it. */
extern const char *sight_suppressions;

#endif
