/*
 * load_creature.c: one creature, in the order in which save.c writes it.
 */
#include "save/load_creature.h"

#include <errno.h>
#include <string.h>

#include "save/format.h"
#include "save/sound.h"
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/plain.h"
#include "store/relations.h"

static int read_cold(struct stream *stream, struct creatures *creatures, struct cold *cold);
static int read_memories(struct stream *stream, struct creatures *creatures, struct cold *cold);
static int read_relations(struct stream *stream, struct creatures *creatures, struct cold *cold);
static int read_behaviours(struct stream *stream, struct creatures *creatures, struct cold *cold);
static int read_archive(struct stream *stream, struct creatures *creatures, struct cold *cold);
static int check_archive(struct creatures *creatures, const struct cold *cold);
static void *read_array(struct stream *stream, struct creatures *creatures, uint32_t count, size_t size);
static int leave_warm(struct creatures *creatures, size_t position, uint32_t was);

int load_creature(struct stream *stream, struct creatures *creatures) {
  uint64_t id = 0;
  struct hot hot;
  struct positions_entry entry;
  struct look look;
  int error = creatures_add(creatures, &id);
  if (error) return error;
  size_t position = creatures_count(creatures) - 1;
  stream_read(stream, &hot, sizeof hot);
  stream_read(stream, &entry, sizeof entry);
  stream_read(stream, &look, sizeof look);
  uint32_t was = stream_read_32(stream);
  if (was != WARM_SIMPLIFIED) stream_read(stream, creatures_warm(creatures)[position], sizeof(struct warm));
  if (stream->error) return stream->error;
  int is_simplified = (hot.flags & FLAG_SIMPLIFIED) != 0;
  if (!sound_hot(&hot) || !sound_lane(&entry) || !sound_look(&look)) return -EBADMSG;
  if (is_simplified != (was == WARM_SIMPLIFIED)) return -EBADMSG;
  if (!is_simplified && !sound_warm(creatures_warm(creatures)[position])) return -EBADMSG;
  creatures_looks(creatures)[position] = look;
  error = positions_set(&creatures->positions, position, entry);
  if (!error) error = leave_warm(creatures, position, was);
  if (!error) error = read_cold(stream, creatures, creatures_cold(creatures, position));
  creatures_hot(creatures)[position] = hot; /* last: its flags are as they were */
  return error;
}

int load_counts(struct stream *stream, struct creatures *creatures) {
  uint64_t counts[SAVE_STORE_COUNTS];
  stream_read(stream, counts, sizeof counts);
  if (stream->error) return stream->error;
  if (counts[0] - counts[1] != creatures_count(creatures)) return -EBADMSG;
  creatures->born = counts[0];
  creatures->died = counts[1];
  creatures->demotions = counts[2];
  creatures->promotions = counts[3];
  creatures->archived = counts[4];
  creatures->opened = counts[5];
  creatures->simplified = counts[6];
  return 0;
}

/* The warm record where it was. */
static int leave_warm(struct creatures *creatures, size_t position, uint32_t was) {
  if (was == WARM_DEMOTED) return creatures_demote(creatures, position);
  if (was == WARM_SIMPLIFIED) (void)creatures_simplify(creatures, position);
  return was <= WARM_SIMPLIFIED ? 0 : -EBADMSG;
}

static int read_cold(struct stream *stream, struct creatures *creatures, struct cold *cold) {
  stream_read(stream, &cold->genetics, sizeof cold->genetics);
  stream_read(stream, &cold->biography, sizeof cold->biography);
  cold->used_at = stream_read_32(stream);
  if (!sound_genetics(&cold->genetics) || !sound_biography(&cold->biography)) return -EBADMSG;
  int error = read_memories(stream, creatures, cold);
  if (!error) error = read_relations(stream, creatures, cold);
  if (!error) error = read_behaviours(stream, creatures, cold);
  if (!error) error = read_archive(stream, creatures, cold);
  return error || !cold->archive ? error : check_archive(creatures, cold);
}

static int read_memories(struct stream *stream, struct creatures *creatures, struct cold *cold) {
  uint32_t count = stream_read_32(stream);
  if (!count) return stream->error;
  struct memory *memories = read_array(stream, creatures, count, sizeof *memories);
  if (!memories || !sound_memories(memories, count)) return -EBADMSG;
  return memories_set(creatures, cold, memories, count);
}

static int read_relations(struct stream *stream, struct creatures *creatures, struct cold *cold) {
  uint32_t count = stream_read_32(stream);
  if (!count) return stream->error;
  struct relation *relations = read_array(stream, creatures, count, sizeof *relations);
  if (!relations || !sound_relations(relations, count)) return -EBADMSG;
  return relations_set(creatures, cold, relations, count);
}

static int read_behaviours(struct stream *stream, struct creatures *creatures, struct cold *cold) {
  uint32_t count = stream_read_32(stream);
  if (!count) return stream->error;
  struct behaviour *behaviours = read_array(stream, creatures, count, sizeof *behaviours);
  if (!behaviours || !sound_behaviours(behaviours, count)) return -EBADMSG;
  return behaviours_set(creatures, cold, behaviours, count);
}

/* As it was packed: unpacked and packed again it might not be the same. */
static int read_archive(struct stream *stream, struct creatures *creatures, struct cold *cold) {
  uint32_t bytes = stream_read_32(stream);
  if (!bytes) return stream->error;
  if (bytes > stream_left(stream)) return -EBADMSG;
  size_t size = sizeof(struct archive) + bytes;
  struct ration_memory *memory = memory_of(creatures->memory, RATION_ALLOCATOR_CREATURES);
  struct archive *archive = ration_memory_allocate(memory, size, alignof(struct archive));
  if (!archive) return -ENOMEM;
  stream_read(stream, archive, size);
  if (!stream->error && archive->bytes != bytes) stream->error = -EBADMSG;
  archive->bytes = bytes;
  cold->archive = archive;
  return stream->error;
}

/* All that it has, with what is packed: that it can be unpacked, too. */
static int check_archive(struct creatures *creatures, const struct cold *cold) {
  struct plain plain;
  int error = plain_read(creatures, cold, &plain);
  if (error) return error;
  int is_sound = sound_memories(plain.memories, plain.memory_count) &&
                 sound_relations(plain.relations, plain.relation_count) &&
                 sound_behaviours(plain.behaviours, plain.behaviour_count);
  return is_sound ? 0 : -EBADMSG;
}

/* Into the store's scratch memory, which has room for all that one may have. NULL: there are too many. */
static void *read_array(struct stream *stream, struct creatures *creatures, uint32_t count, size_t size) {
  if (count > creatures->scratch_bytes / size) return NULL;
  stream_read(stream, creatures->scratch, count * size);
  return stream->error ? NULL : creatures->scratch;
}
