/*
 * What glib asks for on behalf of a program, with G_SLICE=always-malloc in its environment: else glib before 2.76 takes
 * memory for several callers at a time. A pool's threads then: what they free was its pusher's.
 */
#include <glib.h>

#include "places.h"

static uint64_t place_malloc(size_t bytes) {
  return kept(g_malloc(bytes));
}

static uint64_t place_strdup(size_t bytes) {
  (void)bytes;
  return kept(g_strdup("a text"));
}

static uint64_t place_printf(size_t bytes) {
  return kept(g_strdup_printf("%0*d", (int)bytes, 5));
}

static uint64_t place_string(size_t bytes) {
  GString *string = g_string_new("a text");
  for (size_t i = 0; i < bytes; i++) g_string_append_c(string, 'a');
  return NOT_KNOWN;
}

static uint64_t place_list(size_t bytes) {
  GList *list = NULL;
  for (size_t i = 0; i < 100; i++) list = g_list_prepend(list, GSIZE_TO_POINTER(bytes));
  CHECK_EQUAL(g_list_length(list), 100);
  return NOT_KNOWN;
}

static uint64_t place_table(size_t bytes) {
  GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < 100; i++) g_hash_table_insert(table, g_strdup_printf("%zu", bytes + i), table);
  CHECK_EQUAL(g_hash_table_size(table), 100);
  return NOT_KNOWN;
}

static uint64_t place_array(size_t bytes) {
  GPtrArray *array = g_ptr_array_new();
  for (size_t i = 0; i < bytes; i++) g_ptr_array_add(array, array);
  return NOT_KNOWN;
}

static void work(gpointer item, gpointer sum) {
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(item), "pushed"), 0);
  g_free(item);
  __atomic_fetch_add((int *)sum, 1, __ATOMIC_RELAXED);
}

static __attribute__((noinline)) gpointer make_item(void) {
  gpointer item = g_malloc(100);
  __asm__ volatile("" : "+r"(item)); /* no jump: this function is the caller */
  return item;
}

static void run_pool(void) {
  int sum = 0;
  GThreadPool *pool = g_thread_pool_new(work, &sum, 4, TRUE, NULL);
  for (int i = 0; i < 1000; i++) g_thread_pool_push(pool, make_item(), NULL);
  g_thread_pool_free(pool, FALSE, TRUE);
  CHECK_EQUAL(sum, 1000);
}

static const struct place places[] = {
    {"malloc", place_malloc}, {"strdup", place_strdup}, {"printf", place_printf}, {"string", place_string},
    {"list", place_list},     {"table", place_table},   {"array", place_array},   {NULL, NULL}};

int main(int argc, char **argv) {
  int result = go_through(places, argc, argv);
  run_pool();
  check_books("pushed", 1000, 1000);
  return result;
}
