/*
 * word_index.c: a program as there are many: threads count the words of texts in hash tables, which are put together,
 * sorted, and half of them forgotten. What it keeps at its end, it never frees.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define TEXTS   6
#define WORDS   4000

struct places {
  uint32_t *at; /* grows by halves */
  size_t count, room;
};

struct entry {
  struct entry *next;
  char *word;
  struct places places;
};

struct table {
  struct entry **buckets;
  size_t bucket_count, count;
};

static struct table *table_new(size_t buckets) {
  struct table *table = calloc(1, sizeof *table);
  table->buckets = calloc(buckets, sizeof *table->buckets);
  table->bucket_count = buckets;
  return table;
}

static size_t hash(const char *word) {
  size_t hash = 5381;
  while (*word) hash = hash * 33 + (unsigned char)*word++;
  return hash;
}

static void places_add(struct places *places, uint32_t at) {
  if (places->count == places->room) {
    places->room += places->room / 2 + 1;
    places->at = realloc(places->at, places->room * sizeof *places->at);
  }
  places->at[places->count++] = at;
}

static void table_grow(struct table *table) {
  size_t count = 2 * table->bucket_count + 1;
  struct entry **buckets = calloc(count, sizeof(struct entry *));
  for (size_t i = 0; i < table->bucket_count; i++) {
    for (struct entry *entry = table->buckets[i], *next; entry; entry = next) {
      next = entry->next;
      entry->next = buckets[hash(entry->word) % count];
      buckets[hash(entry->word) % count] = entry;
    }
  }
  free(table->buckets);
  table->buckets = buckets;
  table->bucket_count = count;
}

static struct entry *table_entry(struct table *table, const char *word) {
  struct entry *entry = table->buckets[hash(word) % table->bucket_count];
  while (entry && strcmp(entry->word, word) != 0) entry = entry->next;
  if (entry) return entry;
  if (table->count++ > table->bucket_count) table_grow(table);
  entry = malloc(sizeof *entry);
  *entry = (struct entry){.next = table->buckets[hash(word) % table->bucket_count], .word = strdup(word)};
  return table->buckets[hash(word) % table->bucket_count] = entry;
}

static char *make_text(uint32_t seed) {
  char *text = NULL;
  size_t bytes;
  FILE *file = open_memstream(&text, &bytes);
  for (int i = 0; i < WORDS; i++) {
    seed = seed * 1664525 + 1013904223;
    fprintf(file, "%x ", (seed >> 20) % 1500 * ((seed >> 12) % 3 + 1));
  }
  fclose(file);
  return text;
}

static void *index_texts(void *argument) {
  uint32_t number = (uint32_t)(uintptr_t)argument;
  struct table *table = table_new(31);
  for (uint32_t i = 0; i < TEXTS; i++) {
    char *text = make_text(number * TEXTS + i), *rest = text, *word;
    for (uint32_t at = 0; (word = strtok_r(rest, " ", &rest)); at++)
      places_add(&table_entry(table, word)->places, at);
    free(text);
  }
  return table;
}

static void table_free(struct table *table) {
  free(table->buckets);
  free(table);
}

static void merge(struct table *into, struct table *from) {
  for (size_t i = 0; i < from->bucket_count; i++) {
    for (struct entry *entry = from->buckets[i], *next; entry; entry = next) {
      struct places *places = &table_entry(into, entry->word)->places;
      next = entry->next;
      for (size_t k = 0; k < entry->places.count; k++) places_add(places, entry->places.at[k]);
      free(entry->word);
      free(entry->places.at);
      free(entry);
    }
  }
  table_free(from);
}

static int by_count(const void *a, const void *b) {
  const struct entry *left = *(struct entry *const *)a, *right = *(struct entry *const *)b;
  if (left->places.count != right->places.count) return left->places.count > right->places.count ? -1 : 1;
  return strcmp(left->word, right->word);
}

static struct entry **sorted(const struct table *table, size_t *ret_count) {
  struct entry **list = NULL;
  if (posix_memalign((void **)&list, 64, table->count * sizeof(struct entry *)) != 0) abort();
  size_t count = 0;
  for (size_t i = 0; i < table->bucket_count; i++)
    for (struct entry *entry = table->buckets[i]; entry; entry = entry->next) list[count++] = entry;
  qsort(list, count, sizeof(struct entry *), by_count);
  *ret_count = count;
  return list;
}

int main(void) {
  pthread_t thread[THREADS];
  struct table *all = table_new(7);
  size_t count;
  for (uintptr_t i = 0; i < THREADS; i++) pthread_create(&thread[i], NULL, index_texts, (void *)i);
  for (int i = 0; i < THREADS; i++) {
    void *table;
    pthread_join(thread[i], &table);
    merge(all, table);
  }
  struct entry **list = sorted(all, &count);
  for (size_t i = 0; i < count; i += 2) {
    free(list[i]->places.at);
    list[i]->places = (struct places){0};
  }
  printf("%zu words, the most frequent one %s\n", count, list[0]->word);
  return 0;
}
