/*
 * world.h: entities made of components, and systems that walk them. A component is plain bytes of one type; an entity is
 * an id (entity.h) with at most one component of each type; a system is a function of the program's.
 *
 *     static const struct ration_component position = {"position", sizeof(struct position), 4, NULL, NULL, NULL};
 *     ration_world_component_add(&world, &position, NULL);         // and so velocity
 *     struct ration_world_query query;
 *     const struct ration_world_terms moving = {{&position, &velocity}, {&frozen}};
 *     for (ration_world_query_begin(&world, &query, &moving); ration_world_query_next(&query) > 0;)
 *       move(query.count, query.columns[0], query.columns[1]);      // plain loops over plain arrays
 *
 * Storage. Entities with the same set of component types form an archetype. Their components lie in columns, and a
 * column in chunks: the first of `chunk` components, then each as large as all before it, up to `chunk_most`. Each type
 * has a pool of such chunks, from which all archetypes take and to which they give: a despawn closes the gap with the
 * archetype's last entity, and a chunk that falls empty is back in its pool. So a query over any types yields dense
 * arrays, growth moves no component, and all memory of a type is one pool, with figures of its own, listed by `ration
 * report --pools` where the shim is there. (The seed of this design pools components one by one and finds each in a
 * table: then two of them cannot be walked as arrays. An owning group of sparse sets can, for one combination of types.)
 * Long runs make queries fast and small archetypes large: with many of few entities each, set `chunk` low. An archetype
 * without entities keeps some 200 bytes until ration_world_done.
 *
 * While a query is open (begin to end), or a component's init or done runs, the world is defined to behave so:
 *
 *     despawn     the id is stale at once; the components stay, are walked and counted, and are taken away at the end
 *                 of the last open query. Needs no memory, cannot fail for it.
 *     spawn       at once; but queries that are open, or begin before all are at an end, do not walk it. In an init or
 *                 done: -EBUSY
 *     add, remove -EBUSY: note the entity, and do it after the end. So is clear.
 *
 * A query in an init or done walks the entity that it is called for, too: what has no init yet is all zero or as it was
 * given, and what is done with has the bytes that its done has left.
 *
 * A pointer to a component is valid until its entity is despawned, gets or loses a component, or another entity of its
 * archetype does so or is despawned (the last one fills the gap). Spawning moves none.
 *
 * Components are moved by their bytes: they must not hold pointers into themselves. From one thread at a time; while no
 * thread changes the world, any number may call get, has and is_alive. The arrays of a query's run may be handed to
 * other threads.
 *
 * ENOMEM below stands for what else the memory may say, too (of a pool or an arena ENOSPC, of a stack EBUSY).
 *
 * Source: archetypes and chunks as in Unity's DOTS and flecs.
 */
#ifndef RATION_KIT_WORLD_H
#define RATION_KIT_WORLD_H

#include <ration/kit/entity.h>
#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_WORLD_COMPONENTS 64 /* types in a world, at most */
#define RATION_WORLD_TERMS      8  /* types that a query requires, and that it excludes */

/* A component type is the address of one of these, which must stay as it is while a world knows it. */
struct ration_component {
  const char *name;
  size_t size; /* 0: a tag, which an entity has or has not */
  size_t alignment;
  void (*init)(void *component, void *context); /* of one that is all zero; NULL: nothing to do */
  void (*done)(void *component, void *context); /* before its bytes go; NULL: nothing to do */
  void *context;
};

struct ration_world_settings {
  size_t entities;   /* at most at once; 0: RATION_WORLD_ENTITIES */
  size_t components; /* types, at most; 0: 64 */
  size_t archetypes; /* at most; 0: 4096 */
  size_t systems;    /* at most; 0: 256 */
  size_t chunk;      /* components of a column's first chunk, a power of two, 8 to 65536; 0: 1024 */
  size_t chunk_most; /* of its largest ones, as well; not below `chunk`; 0: 16384, or `chunk` if above */
};
#define RATION_WORLD_ENTITIES ((size_t)UINT32_MAX - 1)

/* Private. */
struct ration_world {
  struct ration_memory *memory;
  struct ration_world_record *records; /* [record_count], by entity index */
  struct ration_world_pool *pools;     /* [settings.components + 1]; the last is of entity ids */
  struct ration_world_archetype *archetypes;
  uint32_t *table; /* archetypes by the hash of their mask */
  struct ration_world_system *systems;
  struct ration_world_settings settings;
  size_t record_count, record_capacity, archetype_count, archetype_capacity, table_size;
  size_t component_count, system_count, system_capacity;
  size_t alive, pending, retired;
  uint32_t free, first_pending, last_pending; /* index plus 1; 0: none */
  uint32_t least_shift, most_shift;           /* of the settings' chunks */
  uint32_t iterating, locked;
  int has_unseen, is_running;
  uint8_t slots[2 * RATION_WORLD_COMPONENTS]; /* components by the hash of their address: id plus 1 */
};

/* ---- the world ------------------------------------------------------------------------------------------- */

/* -EINVAL: NULL, a setting outside its range; -ENOMEM. */
int ration_world_init(struct ration_world *world, struct ration_memory *memory,
                      const struct ration_world_settings *settings);

/* Components that are left are done with first. In an init or done it does nothing. */
void ration_world_done(struct ration_world *world);

/* Despawns all entities. O(components). -EINVAL; -EBUSY: a query is open, maybe one that a done has left so, and then some
   are despawned. */
int ration_world_clear(struct ration_world *world);

/* Room for so many entities' ids, if they are of one archetype; which needs besides, now and then, memory for its list of
   chunks. -EINVAL; -ENOSPC: above the maximum; -ENOMEM, and some may be there. */
int ration_world_reserve(struct ration_world *world, size_t count);

/* Gives the free chunks of the pools back to their memories. -EINVAL. */
int ration_world_shrink_to_fit(struct ration_world *world);

/* ---- component types ------------------------------------------------------------------------------------- */

struct ration_component_settings {
  struct ration_memory *memory; /* where the pool's chunks are from; NULL: the world's */
  size_t maximum;               /* components at once, at most; 0: no limit */
  const char *category;         /* in which the pool is listed (ration/tag.h); NULL: none */
};

/* For the life of the world. -EINVAL: NULL, no name, an invalid alignment, a size that is no multiple of it; -EOVERFLOW:
   a chunk would be too large; -EEXIST: it, or one of its name, is there; -ENOSPC. */
int ration_world_component_add(struct ration_world *world, const struct ration_component *type,
                               const struct ration_component_settings *settings);

/* Chunks into the pool, as many as an archetype of so many components takes. -EINVAL: NULL, a type that was not added;
   -ENOSPC: above its maximum; -ENOMEM, and some may be there. */
int ration_world_component_reserve(struct ration_world *world, const struct ration_component *type,
                                   size_t count);

struct ration_component_figures {
  uint64_t used;     /* components */
  uint64_t reserved; /* that there is memory for, in chunks in use and free ones; of a tag: used */
  uint64_t peak;     /* the most that were used at once */
  uint64_t bytes;    /* of that memory */
  uint64_t takes;    /* components given out so far */
  uint64_t hits;     /* of these, without asking for memory */
};

/* -EINVAL: NULL, a type that was not added. */
int ration_world_component_stats(const struct ration_world *world, const struct ration_component *type,
                                 struct ration_component_figures *ret_figures);

/* ---- entities -------------------------------------------------------------------------------------------- */

/*
 * Spawning goes through a builder, on the stack: init, add for each component, commit. Up to 8 components of 512 bytes
 * together lie in the builder itself; what is more comes from the world's memory.
 */
#define RATION_ENTITY_BUILDER_COMPONENTS 8
#define RATION_ENTITY_BUILDER_BYTES      512

/* Private. */
struct ration_entity_item {
  uint32_t id;     /* of the type */
  uint32_t offset; /* of the value; UINT32_MAX: it has none */
};
struct ration_entity_builder {
  struct ration_world *world;
  struct ration_memory *memory; /* the world's, which a builder may outlive */
  uint64_t mask;
  struct ration_entity_item *more_items; /* all of them, once there are more than fit; else NULL */
  unsigned char *more_values;
  size_t count, bytes, more_bytes;
  struct ration_entity_item items[RATION_ENTITY_BUILDER_COMPONENTS];
  unsigned char values[RATION_ENTITY_BUILDER_BYTES];
};

/* -EINVAL: NULL. */
int ration_entity_builder_init(struct ration_entity_builder *builder, struct ration_world *world);

/* Copies the value's bytes; NULL: the component will be all zero, then init is called. What a value owns is the caller's
   until the commit. -EINVAL: NULL, a type that was not added; -EEXIST: given already; -ENOMEM. */
int ration_entity_builder_add(struct ration_entity_builder *builder, const struct ration_component *type,
                              const void *value);

/*
 * The entity is there with all of its components, and the builder is as after its init; or there is none, and the
 * builder is as it was. O(components), amortised. -EINVAL: NULL; -ENOSPC: a maximum is reached, of entities, of one of
 * the components, of archetypes; -ENOMEM; -EBUSY: in an init or done.
 */
int ration_entity_builder_commit(struct ration_entity_builder *builder, struct ration_entity *ret_entity);

/* Drops what was added. After a commit, or a failed init, there is nothing, and it is not needed. */
void ration_entity_builder_done(struct ration_entity_builder *builder);

/* Its components are done with and back in their pools. An index whose generations are used up is not used again.
   -EINVAL: NULL, no entity; -ESTALE; -ENOENT: there never was one. */
int ration_world_despawn(struct ration_world *world, struct ration_entity entity);

int ration_world_is_alive(const struct ration_world *world, struct ration_entity entity);
size_t ration_world_count(const struct ration_world *world);

/*
 * Gives a living entity a component: the value's bytes, or all zero and init. Moves its other components. Yields it; of
 * a tag, a pointer that must not be read. NULL and errno: EINVAL, ESTALE, ENOENT (no such entity), EEXIST, ENOSPC,
 * ENOMEM, EBUSY. value may lie in the world.
 */
void *ration_world_add(struct ration_world *world, struct ration_entity entity,
                       const struct ration_component *type, const void *value);

/* Takes one away, done called first. -EINVAL, -ESTALE, -ENOENT (no such entity, or component of it), -ENOSPC (of
   archetypes), -ENOMEM (as it moves the others), -EBUSY. */
int ration_world_remove(struct ration_world *world, struct ration_entity entity,
                        const struct ration_component *type);

/* O(1). NULL and errno: EINVAL, ESTALE, ENOENT (no such entity, or component of it). */
void *ration_world_get(const struct ration_world *world, struct ration_entity entity,
                       const struct ration_component *type);
int ration_world_has(const struct ration_world *world, struct ration_entity entity,
                     const struct ration_component *type);

/* ---- queries --------------------------------------------------------------------------------------------- */

/* The first NULL ends each list. Nothing required: all entities. */
struct ration_world_terms {
  const struct ration_component *required[RATION_WORLD_TERMS];
  const struct ration_component *excluded[RATION_WORLD_TERMS];
};

struct ration_world_query {
  /* A run, after next has yielded 1: columns[i][k] is the component required[i] of entities[k], 0 <= k < count. The
     arrays are aligned as the type, and to 64 bytes. Of a tag the column is NULL. */
  size_t count;
  const struct ration_entity *entities;
  void *columns[RATION_WORLD_TERMS];

  /* Private. */
  struct ration_world *world;
  uint64_t required, excluded;
  uint8_t ids[RATION_WORLD_TERMS];
  uint32_t terms, archetype, row;
};

/* Opens a query. -EINVAL: NULL, a type that was not added, or is in both lists. After a failure next yields 0. */
int ration_world_query_begin(struct ration_world *world, struct ration_world_query *query,
                             const struct ration_world_terms *terms);

/* 1: the next run; 0: there is none, and the query is at its end. Each entity is in one run, in no order that is
   promised. O(archetypes) for the whole query, besides its runs, of which each but an archetype's last is a chunk. */
int ration_world_query_next(struct ration_world_query *query);

/* For one that is left before next has yielded 0; else nothing. -EINVAL: NULL. */
int ration_world_query_end(struct ration_world_query *query);

/* ---- systems --------------------------------------------------------------------------------------------- */

struct ration_world_system {
  const char *name; /* must stay as long as the system does */
  int32_t order;    /* lower ones first; equal ones in the order of adding */
  int (*run)(struct ration_world *world, double seconds, void *context); /* 0, or what is to end the run */
  void *context;
};

/* Copies it. -EINVAL: NULL, no name or function; -EEXIST: one of that name; -ENOSPC, -ENOMEM; -EBUSY: systems are
   running. */
int ration_world_system_add(struct ration_world *world, const struct ration_world_system *system);

/* -EINVAL, -ENOENT, -EBUSY. */
int ration_world_system_remove(struct ration_world *world, const char *name);

/* Runs all systems; ends where one yields another value than 0, and yields that. -EINVAL; -EBUSY: they are running, or a
   system has returned with a query open, which is then left so. */
int ration_world_run(struct ration_world *world, double seconds);

/*
 * For tests: sum of the archetypes' entities = alive + pending; each entity's record leads to its row; alive + pending +
 * free + retired = record_count; of each pool: used = sum of the entities of archetypes with it, reserved = the rows of
 * their chunks + those of free chunks; pending = 0 where no query is open and no init or done runs. O(entities).
 */
int ration_world_is_valid(const struct ration_world *world);

#ifdef __cplusplus
}
#endif
#endif
