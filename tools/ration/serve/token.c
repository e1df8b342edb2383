/*
 * token.c: see token.h.
 */
#include "serve/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BEARER "Bearer "

static bool is_token(const char *text);

int token_read(const char *path, struct token *ret_token, struct fault *ret_fault) {
  char bytes[TOKEN_BYTES + 2];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fault_set(ret_fault, -errno, "cannot be read: %s", strerror(errno));
  ssize_t length = read(fd, bytes, sizeof bytes - 1);
  int error = length < 0 ? fault_set(ret_fault, -errno, "cannot be read: %s", strerror(errno)) : 0;
  close(fd);
  if (error) return error;
  bytes[length] = 0;
  char *end = strchr(bytes, '\n');
  if (end && end[1] == 0) *end = 0;
  if (!is_token(bytes) || strlen(bytes) >= TOKEN_BYTES)
    return fault_set(ret_fault, -ERANGE, "holds no token: one line of 1 to %d signs without blanks expected",
                     TOKEN_BYTES - 1);
  memset(ret_token, 0, sizeof *ret_token);
  memcpy(ret_token->text, bytes, strlen(bytes));
  return 0;
}

bool token_is(const struct token *token, const char *text) {
  struct token other = {{0}};
  unsigned char difference = 0;
  size_t length = text ? strlen(text) : 0;
  if (length >= TOKEN_BYTES) length = 0;
  if (length > 0) memcpy(other.text, text, length);
  for (size_t i = 0; i < TOKEN_BYTES; i++) difference |= (unsigned char)(token->text[i] ^ other.text[i]);
  return difference == 0;
}

bool token_is_borne(const struct token *token, const char *header) {
  const size_t prefix = sizeof BEARER - 1;
  bool is_bearer = header && strncasecmp(header, BEARER, prefix) == 0;
  return token_is(token, is_bearer ? header + prefix : NULL);
}

static bool is_token(const char *text) {
  if (!*text) return false;
  for (const char *at = text; *at; at++)
    if (*at <= ' ' || *at > '~') return false;
  return true;
}
