/*
 * kit_glib: what the toolkit has in common with GLib, side by side: GArray and vector, appended to and read; GHashTable
 * with an array of ids, and interner. COUNT rounds, in which they take turns. Prints nanoseconds for each element, the
 * medians over the rounds. Without GLib it builds all the same, and says that it is missing.
 * link: -l:librationkit.a $(pkg-config --cflags --libs glib-2.0 2>/dev/null)
 */
#if __has_include(<glib.h>)
#include <glib.h>
#include <ration/kit/interner.h>
#include <ration/kit/vector.h>

#include "kit_strings.h"

#define ELEMENTS 1000000

struct element {
  uint64_t a;
  uint32_t b, c;
};

RATION_VECTOR(elements, struct element);

static GHashTable *table;
static GPtrArray *keys;
static struct ration_interner interner;
static volatile uint64_t sink;

static uint32_t glib_find(const char *text) {
  return GPOINTER_TO_UINT(g_hash_table_lookup(table, text));
}

static uint32_t glib_add(const char *text) {
  uint32_t id = glib_find(text);
  if (id) return id;
  char *key = g_strdup(text);
  g_ptr_array_add(keys, key);
  g_hash_table_insert(table, key, GUINT_TO_POINTER(keys->len));
  return keys->len;
}

static uint32_t kit_add(const char *text) {
  return ration_interner_add(&interner, text);
}

static uint32_t kit_find(const char *text) {
  return ration_interner_find(&interner, text);
}

static void measure_garray(double *ret_append, double *ret_read) {
  uint64_t sum = 0;
  double begun = bench_cpu_ns();
  GArray *array = g_array_new(FALSE, FALSE, sizeof(struct element));
  for (uint32_t i = 0; i < ELEMENTS; i++) {
    struct element element = {.a = i, .b = i, .c = 1};
    g_array_append_val(array, element);
  }
  *ret_append = (bench_cpu_ns() - begun) / ELEMENTS;
  begun = bench_cpu_ns();
  for (uint32_t i = 0; i < ELEMENTS; i++) sum += g_array_index(array, struct element, i).a;
  *ret_read = (bench_cpu_ns() - begun) / ELEMENTS;
  sink = sum;
  g_array_free(array, TRUE);
}

/* Reads by at, which checks the index; g_array_index does not. */
static void measure_vector(double *ret_append, double *ret_read) {
  uint64_t sum = 0;
  double begun = bench_cpu_ns();
  struct elements elements;
  if (elements_init(&elements, NULL, NULL)) bench_fail("no vector");
  for (uint32_t i = 0; i < ELEMENTS; i++)
    if (elements_push(&elements, (struct element){.a = i, .b = i, .c = 1})) bench_fail("out of memory");
  *ret_append = (bench_cpu_ns() - begun) / ELEMENTS;
  begun = bench_cpu_ns();
  for (uint32_t i = 0; i < ELEMENTS; i++) sum += elements_at(&elements, i)->a;
  *ret_read = (bench_cpu_ns() - begun) / ELEMENTS;
  sink = sum;
  elements_done(&elements);
}

int main(int argc, char **argv) {
  static double glib[4][ROUNDS_MOST], kit[4][ROUNDS_MOST];
  static const char *const names[] = {"an element is appended", "an element is read", "a string is added",
                                      "a string is looked up"};
  uint64_t count = rounds_of(argc, argv);
  make_strings();
  for (uint64_t i = 0; i < count; i++) {
    measure_garray(&glib[0][i], &glib[1][i]);
    measure_vector(&kit[0][i], &kit[1][i]);
    table = g_hash_table_new(g_str_hash, g_str_equal);
    keys = g_ptr_array_new_with_free_func(g_free);
    measure_strings(glib_add, glib_find, &glib[2][i], &glib[3][i]);
    g_hash_table_destroy(table);
    g_ptr_array_free(keys, TRUE);
    if (ration_interner_init(&interner, NULL, NULL)) bench_fail("no interner");
    measure_strings(kit_add, kit_find, &kit[2][i], &kit[3][i]);
    ration_interner_done(&interner);
  }
  for (int i = 0; i < 4; i++)
    printf("%s: %s %.2f, %s %.2f\n", names[i], i < 2 ? "vector" : "interner", median(kit[i], count),
           i < 2 ? "GArray" : "GHashTable", median(glib[i], count));
  return 0;
}

#else
#include <stdio.h>

int main(void) {
  fprintf(stderr, "bench: GLib is missing; install libglib2.0-dev and build again\n");
  return 77;
}
#endif
