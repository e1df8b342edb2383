/*
 * listener.c: see listener.h.
 */
#include "serve/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define BACKLOG     128
#define FIRST_GIVEN 3 /* SD_LISTEN_FDS_START */
#define HOST_BYTES  256

static int part(const char *text, char ret_host[HOST_BYTES], const char **ret_port);
static int open_one(const struct addrinfo *address);
static void name_listener(struct listener *listener);
static bool is_address(const char *text);

int listener_open(const char *text, struct listener *ret_listener, struct fault *ret_fault) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *addresses;
  char host[HOST_BYTES];
  const char *port;
  if (part(text, host, &port) != 0)
    return fault_set(ret_fault, -ERANGE, "`%.128s`: ADDRESS:PORT expected, as 127.0.0.1:9470 or [::1]:9470",
                     text);
  int failure = getaddrinfo(host[0] ? host : NULL, port, &hints, &addresses);
  if (failure) return fault_set(ret_fault, -ERANGE, "`%.128s`: no address: %s", text, gai_strerror(failure));
  int fd = -EADDRNOTAVAIL;
  for (const struct addrinfo *one = addresses; one && fd < 0; one = one->ai_next) fd = open_one(one);
  freeaddrinfo(addresses);
  if (fd == -EADDRINUSE)
    return fault_set(ret_fault, fd, "%.128s is taken by another program; choose another with --listen", text);
  if (fd < 0) return fault_set(ret_fault, fd, "cannot listen at %.128s: %s", text, strerror(-fd));
  *ret_listener = (struct listener){.fd = fd};
  name_listener(ret_listener);
  return 0;
}

int listener_inherit(struct listener *ret_listener, struct fault *ret_fault) {
  const char *given = getenv("LISTEN_FDS"), *whom = getenv("LISTEN_PID");
  uint64_t count, pid;
  int is_listening = 0;
  socklen_t size = sizeof is_listening;
  bool is_ours = given && whom && text_read_decimal(given, &count) > 0 && text_read_decimal(whom, &pid) > 0 &&
                 pid == (uint64_t)getpid() && count > 0;
  if (!is_ours) return fault_set(ret_fault, -ENOENT, "no socket was given");
  if (count > 1) return fault_set(ret_fault, -EINVAL, "%s sockets were given; one is expected", given);
  bool is_one = getsockopt(FIRST_GIVEN, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 && is_listening;
  if (!is_one) return fault_set(ret_fault, -EINVAL, "descriptor %d is no socket that listens", FIRST_GIVEN);
  int flags = fcntl(FIRST_GIVEN, F_GETFL);
  if (fcntl(FIRST_GIVEN, F_SETFD, FD_CLOEXEC) != 0 || fcntl(FIRST_GIVEN, F_SETFL, flags | O_NONBLOCK) != 0)
    return fault_set(ret_fault, -errno, "descriptor %d: %s", FIRST_GIVEN, strerror(errno));
  *ret_listener = (struct listener){.fd = FIRST_GIVEN};
  name_listener(ret_listener);
  return 0;
}

bool listener_is_literal(const char *host) {
  char name[HOST_BYTES];
  const char *port;
  if (!host || strlen(host) >= sizeof name) return false;
  bool has_port = part(host, name, &port) == 0;
  if (!has_port) {
    size_t length = strlen(host);
    bool is_bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    snprintf(name, sizeof name, "%.*s", (int)(is_bracketed ? length - 2 : length), host + is_bracketed);
  }
  return strcasecmp(name, "localhost") == 0 || is_address(name);
}

/* At the last colon; an address of IPv6 stands in brackets. */
static int part(const char *text, char ret_host[HOST_BYTES], const char **ret_port) {
  uint64_t port;
  const char *colon = strrchr(text, ':');
  size_t digits = colon ? text_read_decimal(colon + 1, &port) : 0;
  if (digits == 0 || colon[1 + digits] != 0 || port > UINT16_MAX) return -EINVAL;
  size_t length = (size_t)(colon - text);
  bool is_bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
  if (is_bracketed) {
    text++;
    length -= 2;
  } else if (memchr(text, ':', length)) {
    return -EINVAL;
  }
  if (length >= HOST_BYTES) return -EINVAL;
  memcpy(ret_host, text, length);
  ret_host[length] = 0;
  *ret_port = colon + 1;
  return 0;
}

/* Returns the descriptor or -errno. */
static int open_one(const struct addrinfo *address) {
  const int yes = 1;
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
  if (fd < 0) return -errno;
  bool is_open = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                 bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
  if (is_open) return fd;
  int error = -errno;
  close(fd);
  return error;
}

/* Of what is no address of the internet the kernel lets nobody in but who may open its file. */
static void name_listener(struct listener *listener) {
  union {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un file;
  } own = {.any = {.sa_family = AF_UNSPEC}};
  socklen_t size = sizeof own;
  char address[INET6_ADDRSTRLEN] = "";
  getsockname(listener->fd, &own.any, &size);
  if (own.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &own.four.sin_addr, address, sizeof address);
    snprintf(listener->name, sizeof listener->name, "%s:%u", address, ntohs(own.four.sin_port));
    listener->is_local = ntohl(own.four.sin_addr.s_addr) >> 24 == 127;
  } else if (own.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &own.six.sin6_addr, address, sizeof address);
    snprintf(listener->name, sizeof listener->name, "[%s]:%u", address, ntohs(own.six.sin6_port));
    listener->is_local = IN6_IS_ADDR_LOOPBACK(&own.six.sin6_addr);
  } else {
    snprintf(listener->name, sizeof listener->name, "localhost");
    listener->is_local = true;
  }
}

static bool is_address(const char *text) {
  unsigned char bytes[sizeof(struct in6_addr)];
  return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}
