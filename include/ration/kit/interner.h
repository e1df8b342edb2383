/*
 * interner.h: equal strings are kept once, and stand for a number from then on.
 *
 *     struct ration_interner names;
 *     ration_interner_init(&names, &heap.memory, NULL);
 *     uint32_t wolf = ration_interner_add(&names, "wolf");     // 1, and again whenever it is "wolf"
 *     puts(ration_interner_text(&names, wolf));
 *     ration_interner_done(&names);
 *
 * Ids are 1, 2, 3 ... in the order in which strings were new, so that they may index an array; 0 is none. A string
 * never goes, and never moves: what text yields is valid until done. Strings are of any bytes, NUL among them, up to
 * UINT32_MAX - 1 of them; all are kept with a NUL behind.
 *
 * add and find: O(length), hashed once, and the bytes compared where 32 bits of hash and the length are the same;
 * text: O(1). The hash is SipHash-1-3 (Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012) with a key that is
 * random for each interner, so that who chooses the strings cannot choose them to collide; ids do not depend on it.
 * With a key of the caller's (settings) that holds only as long as it is secret. The table is uthash's.
 *
 * Threads: text and bytes may run beside one thread that adds, for ids that came to them from that thread in a way that
 * orders (a lock, a queue, a release and an acquire), and for wrong ones. find only while no one adds.
 * Must not be moved once it holds a string that another thread looks up; else it may.
 */
#ifndef RATION_KIT_INTERNER_H
#define RATION_KIT_INTERNER_H

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_INTERNER_MOST                                                                                 \
  ((uint32_t)1 << 28)             /* strings: below where uthash counts its buckets in too few bits */
#define RATION_INTERNER_PAGES 23u /* private: so many strings fill them */

struct ration_interner {
  void *table;                         /* all private; by text */
  void **pages[RATION_INTERNER_PAGES]; /* by id: each has twice as many as the one before, and none moves */
  void *blocks;                        /* where the strings lie */
  uint32_t count;
  uint32_t maximum;
  uint64_t key[2];
  uint64_t text_bytes, held_bytes;
  struct ration_memory *memory;
};

struct ration_interner_settings {
  uint32_t maximum; /* strings, up to RATION_INTERNER_MOST; 0: that many */
  uint64_t key[2];  /* of the hash; both 0: a random one */
};

/* Asks for no memory yet. settings NULL: the defaults. -EINVAL: interner is NULL, or the maximum more than it
   may be. */
int ration_interner_init(struct ration_interner *interner, struct ration_memory *memory,
                         const struct ration_interner_settings *settings);
void ration_interner_done(struct ration_interner *interner);

/*
 * The string's id, by which it is known already, or from now on. 0 and errno: EINVAL: an argument is NULL, or the
 * interner done; EOVERFLOW: longer than it may be; ENOSPC: it would be one more than the maximum; ENOMEM and what else
 * the memory says. bytes may be NULL where length is 0: the empty string, which is one like any other.
 */
uint32_t ration_interner_add(struct ration_interner *interner, const char *text);
uint32_t ration_interner_add_bytes(struct ration_interner *interner, const void *bytes, size_t length);

/* The same of a string that is there; 0 and ENOENT if it is not. Never asks for memory. */
uint32_t ration_interner_find(const struct ration_interner *interner, const char *text);
uint32_t ration_interner_find_bytes(const struct ration_interner *interner, const void *bytes, size_t length);

/* The string of an id; NULL and ENOENT: no string has it; EINVAL: interner is NULL. bytes also yields its length,
   without the NUL behind, in ret_length, which may be NULL. */
const char *ration_interner_text(const struct ration_interner *interner, uint32_t id);
const char *ration_interner_bytes(const struct ration_interner *interner, uint32_t id, size_t *ret_length);

/* How many strings there are: ids are 1 to this. 0 for NULL. May run beside a thread that adds. */
uint32_t ration_interner_count(const struct ration_interner *interner);

struct ration_interner_figures {
  uint32_t strings;
  uint64_t text_bytes; /* of the strings, without what is behind or before them */
  uint64_t held_bytes; /* what the memory was asked for, in all */
};
int ration_interner_stats(const struct ration_interner *interner,
                          struct ration_interner_figures *ret_figures);

/* 1 if what must hold of its members does, and each string is found by its id and its text; O(all). For tests. */
int ration_interner_is_valid(const struct ration_interner *interner);

#ifdef __cplusplus
}
#endif
#endif
