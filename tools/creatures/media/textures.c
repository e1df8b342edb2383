/*
 * textures.c: makes textures, halves them, and lets them go.
 */
#include "media/textures.h"

#include <stdalign.h>
#include <stddef.h>

#include "creature/chance.h"

#define ALIGNMENT alignof(max_align_t) /* malloc's own: the end of such a block is given back in place */

static void make_ahead(struct textures *textures, uint32_t frame, uint32_t most);
static int load(struct textures *textures, uint32_t index, uint32_t frame);
static size_t drop(struct textures *textures, uint32_t index);
static size_t halve(struct textures *textures, struct texture *texture);
static void paint(uint32_t *pixels, uint32_t index);
static void shrink(uint32_t *pixels);

const uint8_t texture_groups[STATES] = {
    [STATE_WANDER] = 0, [STATE_SEEK] = 0,  [STATE_EAT] = 1,       [STATE_FLEE] = 2,
    [STATE_FIGHT] = 2,  [STATE_COURT] = 1, [STATE_SOCIALISE] = 1, [STATE_SLEEP] = 3};

void textures_init(struct textures *textures, struct ration_memory *memory) {
  *textures = (struct textures){.memory = memory};
}

void textures_done(struct textures *textures) {
  for (uint32_t i = 0; i < TEXTURES_MOST; i++) drop(textures, i);
  *textures = (struct textures){.held = 0};
}

const struct texture *textures_get(const struct textures *textures, uint16_t handle) {
  if (handle == 0 || handle > TEXTURES_MOST) return NULL;
  const struct texture *texture = &textures->slots[handle - 1];
  return texture->pixels ? texture : NULL;
}

void textures_update(struct textures *textures, uint32_t frame, int is_free) {
  uint32_t made = 0;
  uint32_t first = textures->next;
  int may_load = frame >= textures->rests_until;
  if (!is_free) textures->pressed_at = frame + 1;
  int is_calm = is_free && (!textures->pressed_at || frame - textures->pressed_at >= TEXTURE_CALM);
  for (uint32_t i = 0; i < TEXTURES_MOST; i++) {
    uint32_t index = (first + i) % TEXTURES_MOST;
    struct texture *texture = &textures->slots[index];
    if (!textures->is_used[index]) continue;
    textures->is_used[index] = 0;
    texture->used_at = frame;
    if (!may_load || made == TEXTURES_A_FRAME) continue;
    if (texture->pixels && (texture->side == TEXTURE_SIDE || !is_calm)) continue;
    may_load = !load(textures, index, frame);
    if (may_load && !is_free) (void)halve(textures, texture);
    made += (uint32_t)may_load;
    textures->next = (index + 1) % TEXTURES_MOST;
  }
  if (may_load && is_calm) make_ahead(textures, frame, TEXTURES_A_FRAME - made);
}

/* Where the memory refuses one, all that are left wait until they are used. */
static void make_ahead(struct textures *textures, uint32_t frame, uint32_t most) {
  for (; most && textures->ahead < TEXTURES_MOST; textures->ahead++) {
    if (textures->slots[textures->ahead].pixels) continue;
    if (load(textures, textures->ahead, frame)) textures->ahead = TEXTURES_MOST - 1;
    most--;
  }
}

size_t textures_evict(struct textures *textures, uint32_t frame, uint32_t frames) {
  size_t freed = 0;
  for (uint32_t i = 0; i < TEXTURES_MOST; i++) {
    struct texture *texture = &textures->slots[i];
    if (!texture->pixels || frame - texture->used_at < frames) continue;
    freed += drop(textures, i);
    textures->evicted++;
  }
  return freed;
}

size_t textures_halve(struct textures *textures) {
  size_t freed = 0;
  for (uint32_t i = 0; i < TEXTURES_MOST; i++) freed += halve(textures, &textures->slots[i]);
  return freed;
}

/* In full quality, in place of a half one. Where the memory refuses it is counted, and what was there stays. */
static int load(struct textures *textures, uint32_t index, uint32_t frame) {
  struct texture *texture = &textures->slots[index];
  uint32_t *pixels = ration_memory_allocate(textures->memory, TEXTURE_BYTES, ALIGNMENT);
  if (!pixels) {
    textures->missed++;
    textures->rests_until = frame + TEXTURE_REST;
    return -1;
  }
  paint(pixels, index);
  drop(textures, index);
  *texture =
      (struct texture){.pixels = pixels, .bytes = TEXTURE_BYTES, .side = TEXTURE_SIDE, .used_at = frame};
  textures->handles[index] = (uint16_t)(index + 1);
  textures->held++;
  textures->bytes += TEXTURE_BYTES;
  textures->loaded++;
  return 0;
}

static size_t drop(struct textures *textures, uint32_t index) {
  struct texture *texture = &textures->slots[index];
  size_t bytes = texture->bytes;
  if (!texture->pixels) return 0;
  ration_memory_release(textures->memory, texture->pixels, bytes, ALIGNMENT);
  *texture = (struct texture){.used_at = texture->used_at};
  textures->handles[index] = 0;
  textures->held--;
  textures->bytes -= bytes;
  return bytes;
}

/* In its own block, of which the end is given back: under pressure there may be no room for another. */
static size_t halve(struct textures *textures, struct texture *texture) {
  size_t bytes = TEXTURE_BYTES / 4;
  if (!texture->pixels) return 0;
  if (texture->side == TEXTURE_SIDE) {
    shrink(texture->pixels);
    texture->side = TEXTURE_HALF;
    textures->halved++;
  }
  if (texture->bytes == bytes) return 0;
  void *smaller =
      ration_memory_reallocate(textures->memory, texture->pixels, texture->bytes, bytes, ALIGNMENT);
  if (!smaller) return 0;
  size_t freed = texture->bytes - bytes;
  texture->pixels = smaller;
  texture->bytes = bytes;
  textures->bytes -= freed;
  return freed;
}

/* A blot with stripes, of the kind's colours; the group says how the stripes lie. */
static void paint(uint32_t *pixels, uint32_t index) {
  uint64_t bits = chance_mix(index + 1);
  uint32_t body = (uint32_t)bits & 0x7f7f7fu, stripe = (uint32_t)(bits >> 24) & 0x7f7f7fu;
  uint32_t across = 1 + index % TEXTURE_GROUPS, down = TEXTURE_GROUPS - index % TEXTURE_GROUPS;
  int32_t middle = (int32_t)TEXTURE_HALF;
  for (int32_t y = 0; y < (int32_t)TEXTURE_SIDE; y++) {
    int32_t left = middle * middle - (y - middle) * (y - middle);
    uint32_t *row = pixels + (size_t)y * TEXTURE_SIDE;
    for (int32_t x = 0; x < (int32_t)TEXTURE_SIDE; x++) {
      uint32_t is_body = (uint32_t)((x - middle) * (x - middle) < left);
      uint32_t is_stripe = ((uint32_t)x * across + (uint32_t)y * down) >> 4 & 1;
      row[x] = (body + (stripe & (0u - is_stripe))) | (0u - is_body) << 24;
    }
  }
}

/* Each pixel of the half one is the mean of four. It lies at or before all that are still to be read. */
static void shrink(uint32_t *pixels) {
  for (uint32_t y = 0; y < TEXTURE_HALF; y++)
    for (uint32_t x = 0; x < TEXTURE_HALF; x++) {
      const uint32_t *four = pixels + (size_t)y * 2 * TEXTURE_SIDE + x * 2;
      uint32_t mean = 0;
      for (uint32_t shift = 0; shift < 32; shift += 8) {
        uint32_t sum = (four[0] >> shift & 255) + (four[1] >> shift & 255) +
                       (four[TEXTURE_SIDE] >> shift & 255) + (four[TEXTURE_SIDE + 1] >> shift & 255);
        mean |= sum / 4 << shift;
      }
      pixels[y * TEXTURE_HALF + x] = mean;
    }
}
