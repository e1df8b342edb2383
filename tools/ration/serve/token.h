/*
 * token.h: the secret that requests must have.
 */
#ifndef RATION_TOOL_SERVE_TOKEN_H
#define RATION_TOOL_SERVE_TOKEN_H

#include <stdbool.h>

#include "reader/fault.h"

#define TOKEN_BYTES 1025 /* with its end */

struct token {
  char text[TOKEN_BYTES]; /* behind its end all zero */
};

/* The one line of a file. Returns 0; -ERANGE: it holds no token; or another -errno; with words. */
int token_read(const char *path, struct token *ret_token, struct fault *ret_fault);

/* Takes as long wherever they differ. NULL is none. */
bool token_is(const struct token *token, const char *text);

/* The same of an Authorization header of the kind Bearer; NULL is none. */
bool token_is_borne(const struct token *token, const char *header);

#endif
