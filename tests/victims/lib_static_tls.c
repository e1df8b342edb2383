/*
 * A library whose thread-local variables lie in the static TLS, of which glibc keeps some 1,600 bytes for libraries that come
 * late.
 *
 * link: -shared -fPIC -ftls-model=initial-exec
 */
static _Thread_local char room[400];

int count_in_this_thread(void);
int count_in_this_thread(void) {
  return ++*(volatile char *)&room[17];
}
