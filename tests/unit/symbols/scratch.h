/*
 * scratch.h: a folder of a test's own in which it has programs compiled, and what the symbols of their addresses are,
 * as one line of text.
 */
#ifndef RATION_TESTS_SYMBOLS_SCRATCH_H
#define RATION_TESTS_SYMBOLS_SCRATCH_H

#include <stdint.h>

#include "symbols/symbols.h"

struct scratch {
  char folder[64];
  char text[4096]; /* of scratch_chain() */
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);

void scratch_write(const struct scratch *scratch, const char *name, const char *text);

/* Has a shell run this in the folder; fails unless that succeeds. */
void scratch_run(const struct scratch *scratch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * chain.c, compiled to `name` by this command: `innermost` in `middle` in `outer`, and in the innermost a mark. Its
 * frames are SCRATCH_CHAIN if all is known.
 */
void scratch_make_chain(const struct scratch *scratch, const char *name, const char *compiler);
#define SCRATCH_CHAIN "innermost chain.c:2 < middle chain.c:6 < outer chain.c:9"

/* Of a symbol of a file that is not stripped, as nm has it. */
uint64_t scratch_address(const struct scratch *scratch, const char *name, const char *symbol);

/* The build-id of a file, as hexadecimal digits and as bytes. */
void scratch_build_id(const struct scratch *scratch, const char *name, char ret_digits[41],
                      unsigned char ret_bytes[20]);

/*
 * Frames of a file in the folder, "inner chain.c:2 < outer ?": functions, and files without their folders. `build_id`
 * may be NULL. What is looked up is the code at this very address.
 */
const char *scratch_chain(struct scratch *scratch, struct symbols *symbols, const char *name,
                          const unsigned char *build_id, uint64_t address);

/* The same, with symbols that are opened for it alone. */
const char *scratch_chain_once(struct scratch *scratch, const char *name, uint64_t address);

#endif
