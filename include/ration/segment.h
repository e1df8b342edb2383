/*
 * segment.h: the layout of a ration segment, field by field.
 *
 * A segment is the shared-memory file of one process. libration.so writes it while the program runs; any
 * number of readers copy it with pread(2), at any time, also after the process has died. This header is the
 * specification: the shim and the reporter share nothing else, and asserts below pin every offset.
 *
 * File       ration.NS.PID.START.N, mode 0600, in $RATION_DIR, else /dev/shm, $XDG_RUNTIME_DIR, $TMPDIR;
 * where none of them works, a memfd of the same name. NS: inode of the pid namespace. START: field 22 of
 *            /proc/PID/stat. N: counts the images (exec) of the process, from 0.
 * Integers   little-endian, naturally aligned. A field marked [live] changes while the program runs: the shim
 *            writes it with one atomic store of its full width. All others are written once, before `magic`.
 * Size       set once. The file is sparse: pages that were never used read as zero and cost nothing.
 * Trust      a reader treats every byte as hostile: check each offset and index against the size of the file,
 *            after copying, then use the copy only. Never map the file: a mapping that is read allocates its
 *            holes, and one that shrinks raises SIGBUS.
 * Growth     a reader refuses another `version_major` by name; a higher minor adds tables (found by their
 * kind in the directory) and fields in reserved places, and changes nothing that stands here.
 *
 * How to read
 *   1. pread the header; check magic, version_major, header_bytes, and that each table lies inside the file.
 *   2. Categories: for id = 1, 2, ... while category_row[id] != 0: row category_row[id] of the category
 * table. A published id is never withdrawn and its name never changes.
 *   3. Slabs 0 .. slab_count-1: cell [slab][id]. Read every slab's `frees` before any slab's `allocations`,
 * so that no number of live blocks comes out negative.
 *   4. For a category, with sums over all slabs:
 *        live blocks  = allocations - frees
 *        live bytes   = RATION_CHARGE_BYTES(own_charged) - credit - set_aside      (>= 0; else clamp)
 *        with its descendants: RATION_CHARGE_BYTES(subtree_charged) - their credit and set_aside
 *        peak bytes   = RATION_CHARGE_BYTES of own_peak or own_charged, whichever is more (a peak is raised a
 *                       moment after its charge), or allocated_bytes (read after it) if that is less
 *        peak error   = RATION_CHARGE_ALLOWANCE(own_peak): the true peak lies at most so far below
 *      While threads run, each of these is off by at most the allowance outstanding and the requests in
 *      flight; at rest by nothing; after death by what slabs say is unsettled (RATION_SLAB_UNSETTLED), and the
 *      one request that each thread was in, which a realloc under a policy that refuses charges ahead, with a page more.
 *   5. Sites: rows 1 .. site_count-1 of the site table whose key is not 0. Two rows may be of the same stack and
 *      category, where two threads came by it at once: add them up. What a site's figures mean is said there.
 */
#ifndef RATION_SEGMENT_H
#define RATION_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_SEGMENT_MAGIC UINT64_C(0x00004e4f49544152) /* "RATION\0\0" in the file */
#define RATION_SEGMENT_MAJOR 3
#define RATION_SEGMENT_MINOR 0

/* ---- categories ---------------------------------------------------------------------------------------- */

#define RATION_CATEGORY_IDS        256 /* ids are one byte; 0 means none */
#define RATION_CATEGORY_TOTAL      1   /* the root of the tree */
#define RATION_CATEGORY_OTHER      2   /* blocks whose own category found no room */
#define RATION_CATEGORY_FIRST      3
#define RATION_CATEGORY_LAST       252
#define RATION_CATEGORY_NAME_BYTES 192 /* with its NUL */
#define RATION_TAG_SAMPLED         255 /* stands in the place of a category in the tag map */

#define RATION_SLABS_MOST 16384 /* a segment never has more */

/* How a category came to be. */
#define RATION_KIND_FIXED     0 /* total, other */
#define RATION_KIND_PROGRAM   1 /* named by the program */
#define RATION_KIND_AUTOMATIC 2 /* named after a module, or the parent of such a one */

/*
 * A charge: bytes and the allowance that threads hold of them, in one word, so that both change together.
 *   bits  0..46  bytes charged = live bytes + credit held by threads
 *   bits 47..63  the most that this credit can be, in units of 8 KiB
 * A peak is the charge that had the most bytes.
 */
#define RATION_CHARGE_BYTES_BITS        47
#define RATION_CHARGE_UNIT              8192
#define RATION_CHARGE_BYTES(charge)     ((charge) & ((UINT64_C(1) << RATION_CHARGE_BYTES_BITS) - 1))
#define RATION_CHARGE_ALLOWANCE(charge) (((charge) >> RATION_CHARGE_BYTES_BITS) * RATION_CHARGE_UNIT)

struct ration_segment_category {
  uint64_t own_charged;     /* [live] charge of this category's own blocks */
  uint64_t subtree_charged; /* [live] the same with its descendants' */
  uint64_t own_peak;        /* [live] the highest own_charged */
  uint64_t subtree_peak;    /* [live] the highest subtree_charged */
  uint64_t origin;          /* hash of the module's path; 0: not a module's */
  uint64_t name_hash;       /* never 0 in a published row */
  uint16_t parent;          /* id; 0 for total alone */
  uint8_t depth;            /* total 0, its children 1 */
  uint8_t kind;             /* RATION_KIND_* */
  uint32_t name_bytes;      /* length of name without its NUL */
  uint64_t set_aside;       /* [live] bytes of own_charged that the program has reserved, and not used */
  char name[RATION_CATEGORY_NAME_BYTES]; /* full path, NUL-terminated: "rendering/textures" */
};

/* ---- slabs --------------------------------------------------------------------------------------------- */

/*
 * A tally: what one thread counted for one category. Written by the slab's owner alone, but for slab 0, which
 * threads without a slab of their own share (atomic adds, credit always 0), and which holds what was
 * inherited over a fork. Counts only rise, and pass from a thread that ended to the next owner of its slab.
 */
struct ration_segment_tally {
  uint64_t credit;          /* [live] bytes charged, not used: 0 <= credit <= allowance */
  uint64_t allowance;       /* [live] multiple of RATION_CHARGE_UNIT */
  uint64_t allocations;     /* [live] */
  uint64_t frees;           /* [live] */
  uint64_t reallocations;   /* [live] each counted as one allocation and one free besides */
  uint64_t allocated_bytes; /* [live] usable bytes */
  uint64_t requested_bytes; /* [live] what the program asked for */
  uint64_t refused;         /* [live] requests that a budget or `fail` refused; no part of allocations */
};

#define RATION_THREAD_NAME_BYTES 16 /* as the kernel has it: prctl(2), PR_GET_NAME; with its NUL */

/*
 * While its owner changes a charge and has not yet written what it holds of that, a slab's `next` has the highest bit, and
 * below it the most by which the two may differ, in units of 4 KiB. In what a dead process has left this says how far the
 * live bytes may be off, of all slabs together. 0: by nothing.
 */
#define RATION_SLAB_UNSETTLED_BIT  (UINT32_C(1) << 31)
#define RATION_SLAB_UNSETTLED_UNIT 4096
#define RATION_SLAB_UNSETTLED(next)                                                                          \
  ((next)&RATION_SLAB_UNSETTLED_BIT                                                                          \
       ? ((next) ^ RATION_SLAB_UNSETTLED_BIT) * (uint64_t)RATION_SLAB_UNSETTLED_UNIT                         \
       : 0)

/*
 * The head of a slab lies where the tally of category 0 would. What its owner has counted is, with sums over the
 * slab's tallies, the sum less what stands here of the moment when the owner took it; that, all that is in a slab
 * without an owner, and slab 0 are of threads that have ended, of those without a slab, and of before a fork. The owner
 * is stored last when it comes, and first when it goes: a copy that has the same owner before and after is whole.
 */
struct ration_segment_slab_head {
  uint32_t owner; /* [live] thread id; 0: nobody (slab 0: number of threads sharing it is not kept) */
  uint32_t
      next; /* [live] what RATION_SLAB_UNSETTLED is read from; else private to the shim: link of the free list */
  uint64_t
      sampling_ns; /* [live] spent on samples, their beginnings and their ends; estimated by every 61st */
  uint64_t allocations_before;     /* [live] sums over all categories, when the owner took the slab */
  uint64_t frees_before;           /* [live] */
  uint64_t allocated_bytes_before; /* [live] */
  uint64_t name[RATION_THREAD_NAME_BYTES /
                8]; /* [live] what the owner was called then, NUL-padded; 0: not known */
  uint64_t
      managed_ns; /* [live] spent besides: on first blocks, and at heartbeats; those estimated by every 16th */
};

/*
 * The tally of RATION_TAG_SAMPLED is no category's: it counts nothing. It has this credit, private to the shim, and no
 * allowance, so that no free of a sample is paid from it.
 */
#define RATION_SLAB_SAMPLED_CREDIT 1

struct ration_segment_slab {
  union {
    struct ration_segment_slab_head head;
    struct ration_segment_tally tally[RATION_CATEGORY_IDS]; /* by category id; [0] is the head */
  } u;
};

/* ---- rules ---------------------------------------------------------------------------------------------- */

#define RATION_RULE_LIB    1 /* by the module that asks */
#define RATION_RULE_FN     2 /* by the function that asks */
#define RATION_RULE_THREAD 3 /* by the name of the thread that asks */
#define RATION_RULE_SIZE   4 /* by the bytes asked for */

/* One glob of the settings, in the order in which they are tried; the first that fits gives the category. */
struct ration_segment_rule {
  uint16_t category;
  uint16_t kind;    /* RATION_RULE_*; 0: row not used */
  uint32_t text_at; /* where its text starts in the text table, in bytes; as it was given: "lib:libssl.so*" */
  uint32_t text_bytes; /* no NUL behind */
  uint32_t is_matched; /* [live] 1: a block got its category by this rule */
};

/* ---- accounts ------------------------------------------------------------------------------------------- */

/* Memory that malloc never sees, by category id: reported by the program, or mapped by it. Not in any charge. */
struct ration_segment_account {
  uint64_t live_bytes; /* [live] a category's own, without those below it */
  uint64_t peak_bytes; /* [live] raised a moment after live_bytes: the peak is whichever is more */
  uint64_t reserved[6];
};

/* ---- budgets -------------------------------------------------------------------------------------------- */

#define RATION_POLICY_NOTIFY 1 /* over the budget is counted */
#define RATION_POLICY_REFUSE 2 /* nothing is granted over the budget */
#define RATION_POLICY_ABORT  3 /* the same, and the process ends */

#define RATION_LEVELS         5
#define RATION_LEVEL_NONE     0
#define RATION_LEVEL_LOW      1
#define RATION_LEVEL_MEDIUM   2
#define RATION_LEVEL_HIGH     3
#define RATION_LEVEL_CRITICAL 4

/*
 * The budget of a category's subtree, by category id.
 *   used = RATION_CHARGE_BYTES(subtree_charged) + accounted_bytes
 * Ordinary requests may use limit - reserve, critical scopes, handlers and requests of up to grace bytes the limit;
 * levels are shares of limit - reserve. Times are CLOCK_MONOTONIC, as all whose name ends in _at; 0: never.
 */
struct ration_segment_budget {
  uint64_t limit_bytes;                    /* [live] 0: the category has no budget */
  uint64_t reserve_bytes;                  /* [live] below limit_bytes */
  uint64_t grace_bytes;                    /* [live] */
  uint64_t accounted_bytes;                /* [live] with accounts=1: accounts of the subtree */
  uint64_t level_bytes[RATION_LEVELS - 1]; /* [live] used at which each level from low on begins */
  uint64_t fall_bytes; /* [live] a level ends where used is less than its level_bytes by more than this */
  uint64_t note_bytes; /* [live] used at which the shim looks at it next, though no level changes */
  uint32_t policy;     /* [live] RATION_POLICY_*: its own, else that of the nearest ancestor's budget */
  uint32_t level;      /* [live] RATION_LEVEL_* */
  uint32_t simulated;  /* [live] 1 + the level that the program wants to be taken for it; 0: none */
  uint32_t thresholds; /* [live] percent at which low, medium, high, critical begin: a byte each, low first */
  uint64_t level_since_at;          /* [live] */
  uint64_t level_ns[RATION_LEVELS]; /* [live] spent in each level, until level_since_at */
  uint64_t breaches;    /* [live] times that used rose over limit_bytes, under RATION_POLICY_NOTIFY */
  uint64_t refused;     /* [live] requests that did not fit */
  uint64_t worst_bytes; /* [live] the highest used since the budget was set */
  uint64_t worst_at;    /* [live] when that was; may lie behind by a growth of 1 % of the limit */
  uint64_t fail; /* [live] fault injection: every Nth request: N; a share: 2^63 + parts of 10,000; 0: none */
  uint64_t fail_requests; /* [live] requests since that was set */
  uint64_t growth_bytes;  /* [live] by so much note_bytes lies above used when it is set */
  uint64_t outside_level; /* [live] of total: the level that what lies outside asks for; also without limit */
  uint64_t ordinary_bytes; /* [live] limit_bytes - reserve_bytes, in one word for who charges meanwhile */
  uint64_t reserved[5];
};

/* Who was refused: insert-only, one row a caller, category and budget; the rest in row 0. */
struct ration_segment_refusal {
  uint64_t
      key; /* [live] address of the caller, bits 0 .. 46; category << 48; budget's category << 56; 0: not used */
  uint64_t requests; /* [live] */
  uint64_t bytes;    /* [live] asked for in all */
  uint64_t last_at;  /* [live] */
  uint64_t offset;   /* [live] of the caller in its module */
  char module
      [88]; /* its file name, NUL-terminated; "" while that is being found out, and where there is none */
};

#define RATION_DISPATCH_DEFERRED    1
#define RATION_DISPATCH_POLLED      2
#define RATION_DISPATCH_SYNCHRONOUS 3

#define RATION_HANDLER_FREE       0
#define RATION_HANDLER_REGISTERED 1
#define RATION_HANDLER_GONE       2 /* unregistered: its figures stay until the row is used again */

/* A function of the program's that frees memory under pressure. */
struct ration_segment_handler {
  uint32_t state; /* [live] RATION_HANDLER_* */
  uint16_t category;
  uint8_t lowest_level;
  uint8_t dispatch; /* RATION_DISPATCH_* */
  int32_t priority;
  uint32_t number;               /* order of registration, from 1 */
  uint64_t address;              /* of the function */
  uint64_t calls;                /* [live] ended ones */
  uint64_t wanted_bytes;         /* [live] sums over all calls, down to took_ns */
  uint64_t claimed_bytes;        /* [live] */
  uint64_t freed_bytes;          /* [live] by the thread that ran it, in the category and below it */
  int64_t category_change_bytes; /* [live] by which the used bytes of the category changed */
  uint64_t took_ns;              /* [live] */
  uint64_t longest_ns;           /* [live] */
  uint64_t running_since_at;     /* [live] 0: not just now */
  uint64_t reserved[5];
};

/* ---- pools ---------------------------------------------------------------------------------------------- */

#define RATION_POOL_FREE       0
#define RATION_POOL_REGISTERED 1
#define RATION_POOL_GONE       2 /* unregistered: its figures stay until the row is used again */
#define RATION_POOL_TAKEN      3 /* is being written */

#define RATION_POOL_NAME_BYTES 48

/* An object pool of the program's, as it tells of itself: ration_pool_register. Figures may be a moment apart. */
struct ration_segment_pool {
  uint32_t state;    /* [live] RATION_POOL_* */
  uint32_t number;   /* [live] how often the row has been registered: another number, another pool */
  uint16_t category; /* 0: none */
  uint16_t reserved0[3];
  uint64_t object_bytes;
  uint64_t used;     /* [live] objects, as all below */
  uint64_t reserved; /* [live] */
  uint64_t peak;     /* [live] */
  uint64_t takes;    /* [live] */
  uint64_t hits;     /* [live] */
  uint64_t reserved1[2];
  char name[RATION_POOL_NAME_BYTES]; /* NUL-terminated */
};

/* ---- samples and sites ---------------------------------------------------------------------------------- */

/*
 * Some of the blocks are samples: a block of s usable bytes is chosen with probability p = 1 - exp(-s / mean), where
 * `mean` is what the setting `sample` was when it came. It stands for 1/p blocks, its weight. With sums over samples:
 *   blocks  estimate   sum of 1/p       unbiased, whatever the sizes are, and however the mean has changed
 *   bytes   estimate   sum of s/p       likewise
 *           variance   estimated, unbiased, by sum of (s/p)^2 (1 - p); a sum of almost independent terms
 * What may not be concluded: that a site with few samples has about what is estimated (below some ten samples the
 * distribution is far from normal), nor that one without samples has nothing (one of s bytes in all is missed with
 * probability exp(-s / mean)). With a mean of 1 every block is chosen, and all of it is exact.
 * (Horvitz, Thompson, "A generalization of sampling without replacement from a finite universe", 1952.)
 *
 * Weights are in 1/65536 of a block.
 */
#define RATION_WEIGHT_ONE 65536

/* Upper edges of how long blocks lived, in ns: 10 us, 100 us, ... 1,000 s; the last class has none. */
#define RATION_LIFETIMES        10
#define RATION_LIFETIME_FIRST   UINT64_C(10000)
#define RATION_LIFETIME_FACTOR  10
#define RATION_SITE_FRAMES_MOST 128

#define RATION_SITE_TRUNCATED  1 /* has more frames than are kept: the outermost are missing */
#define RATION_SITE_INCOMPLETE 2 /* the way outward was lost: the outermost are missing */

/* The fields of a site's key. */
#define RATION_SITE_FRAMES_AT(key)   ((uint32_t)(key))
#define RATION_SITE_FRAME_COUNT(key) ((uint32_t)((key) >> 32 & 0xff))
#define RATION_SITE_CATEGORY(key)    ((uint32_t)((key) >> 40 & 0xff))
#define RATION_SITE_FLAGS(key)       ((uint32_t)((key) >> 48 & 0xff))

/* Sums over samples, which only rise; of those that have ended, too. Blocks are weights, variances IEEE 754 doubles. */
struct ration_segment_site_sums {
  uint64_t samples;          /* [live] all of them */
  uint64_t blocks;           /* [live] estimate */
  uint64_t bytes;            /* [live] estimate */
  uint64_t variance;         /* [live] of that one */
  uint64_t slack_bytes;      /* [live] estimate: usable minus requested */
  uint64_t reallocations;    /* [live] blocks that came by realloc */
  uint64_t freed_samples;    /* [live] those that have ended */
  uint64_t freed_bytes;      /* [live] estimate */
  uint64_t freed_variance;   /* [live] */
  uint64_t temporary_blocks; /* [live] see below */
  uint64_t lifetimes
      [RATION_LIFETIMES]; /* [live] blocks that have ended, by how long they lived; in all: freed blocks */
  uint64_t reserved[4];
};

/*
 * A site: one call stack for one category. Insert-only; row 0 is not used. What the thread whose slab is `owner` counts
 * stands apart, so that it takes no locked instruction; a site's figures are the sums of both, and
 *   live bytes = bytes - freed_bytes  (>= 0; else clamp), and so are samples, blocks, and the variance
 * A temporary block is one that the thread that had got it freed (or resized) after further allocations of less than
 * 8 KiB in all, where each counts for 1,049 bytes more than it has: so after 7 at most.
 *   at_process_peak_bytes   live bytes when the process's charge was last at its highest; so, where process_peak is the
 *                           bytes of total's subtree_peak (or more); else it is what lives: nothing has changed since
 *   at_category_peak_bytes  the same for the category's own_peak
 */
struct ration_segment_site {
  uint64_t key;   /* [live] 0: not used (yet); else RATION_SITE_... of it; one byte is free */
  uint32_t owner; /* slab; 0: none */
  uint32_t reserved0;
  uint64_t first_at;               /* when the site was first met: CLOCK_MONOTONIC, as all _at */
  uint64_t last_at;                /* [live] of the last sample */
  uint64_t peak_bytes;             /* [live] the highest live bytes */
  uint64_t at_process_peak_bytes;  /* [live] */
  uint64_t process_peak;           /* [live] */
  uint64_t at_category_peak_bytes; /* [live] */
  uint64_t category_peak;          /* [live] */
  uint64_t largest_bytes;          /* [live] usable bytes of the largest sample */
  uint64_t reserved[6];
  struct ration_segment_site_sums own;    /* the owner's */
  struct ration_segment_site_sums others; /* everybody else's */
};

/*
 * Frames are return addresses, the innermost first: word frames_at and those behind it in the frames table.
 *   bits  0..47  the address in the module's file (its ELF address); in module 0: the address in memory
 *   bits 48..63  row of the module; 0: in none, or in one for which there was no room
 */
#define RATION_FRAME_ADDRESS(frame) ((frame) & ((UINT64_C(1) << 48) - 1))
#define RATION_FRAME_MODULE(frame)  ((uint32_t)((frame) >> 48))

/*
 * A sample that lives: rows 1 .. sample_count-1 have been used. A block whose tag is RATION_TAG_SAMPLED has the row of its
 * address. Of a free row only the first two words mean anything.
 */
struct ration_segment_sample {
  uint64_t address;  /* [live] 0: the row is free */
  uint64_t usable;   /* [live] bytes; 0: being written */
  uint64_t at;       /* [live] when it was allocated */
  uint64_t weight;   /* [live] */
  uint32_t position; /* [live] private to the shim */
  uint32_t slack;    /* [live] usable minus requested bytes, or the most that fits */
  uint32_t site;     /* [live] row */
  uint32_t thread;   /* [live] id */
};

/* ---- sizes of blocks ------------------------------------------------------------------------------------ */

/*
 * How large blocks were when they came: for each category, sums over its samples, which only rise, in classes of usable
 * bytes, four to each doubling. Class 0 has blocks of up to 16 bytes; class c those of up to RATION_SIZE_UP_TO(c), and
 * of more than the class before it has; the last one has no upper edge. What of it lives is in the table of samples,
 * which counts a moment earlier.
 */
#define RATION_SIZE_CLASSES  112
#define RATION_SIZE_UP_TO(c) ((((uint64_t)(c) + 3) % 4 + 5) << (((uint64_t)(c) + 3) / 4 + 1))

/* Sums of the owner, a slab, who alone adds to his; and of everybody else. Each are estimates. */
struct ration_segment_size_class {
  uint32_t owner; /* [live] slab that has counted here first; 0: none has */
  uint32_t reserved0;
  uint64_t own_blocks; /* [live] a sum of weights */
  uint64_t own_bytes;  /* [live] */
  uint64_t blocks;     /* [live] everybody else's */
  uint64_t bytes;      /* [live] */
  uint64_t reserved[3];
};

struct ration_segment_sizes {
  struct ration_segment_size_class classes[RATION_SIZE_CLASSES];
};

/* ---- modules -------------------------------------------------------------------------------------------- */

#define RATION_BUILD_ID_BYTES 32

/* A module in which frames lie: insert-only, row 0 is not used. One that was unloaded keeps its row. */
struct ration_segment_module {
  uint64_t start;      /* [live] lowest address in memory, stored last; 0: not used (yet) */
  uint64_t bytes;      /* from there on */
  uint64_t bias;       /* address in memory - address in the file (ELF address) */
  uint64_t first_at;   /* when it was first met */
  uint64_t text_start; /* the part of it that can be executed, first to last */
  uint64_t text_bytes;
  uint32_t build_id_bytes; /* 0: it has none */
  uint32_t is_executable;  /* the program itself */
  unsigned char build_id[RATION_BUILD_ID_BYTES];
  char path[936]; /* NUL-terminated; from the root where that is known; "[vdso]"; "" where it is too long */
};

/* ---- events --------------------------------------------------------------------------------------------- */

/*
 * Two rings of one kind: what happens often, samples, has one of its own (the stream), so that it does not wash away
 * the rest.
 */
#define RATION_EVENT_PRESSURE 1 /* a level has changed: category, level, old_level; bytes: used; limit */
#define RATION_EVENT_BREACH   2 /* used rose over the limit: category; bytes: used; limit */
#define RATION_EVENT_REFUSAL  3 /* category, budget; bytes: asked for; limit; detail: the caller's address */
#define RATION_EVENT_HANDLER                                                                                 \
  4 /* budget, category (the handler's), level; priority; bytes: claimed; freed; detail: ns */
#define RATION_EVENT_SAMPLE                                                                                  \
  5 /* stream; category; bytes: usable; limit: weight; freed: address; detail: site */
#define RATION_EVENT_SAMPLE_FREED                                                                            \
  6 /* stream; category; bytes: usable; limit: ns it lived; freed, detail: the same */
#define RATION_EVENT_CATEGORY 7 /* a new one: category */
#define RATION_EVENT_THREAD_START                                                                            \
  8 /* a thread has taken a slab, at its first block; limit, freed: its name, NUL-padded; detail: the slab */
#define RATION_EVENT_THREAD_END 9 /* and given it back: the same */
#define RATION_EVENT_FORK       10 /* detail: the process that this one was forked from; 0: this one has forked */
#define RATION_EVENT_EXEC       11 /* this image took the place of another; detail: its number, N */
#define RATION_EVENT_MODULE     12 /* met for the first time; detail: row */
#define RATION_EVENT_MARK       13 /* set by the program: bytes: its number; limit, freed, detail: its name */
#define RATION_EVENT_MISUSE                                                                                  \
  14 /* category; bytes: usable; limit: RATION_MISUSE_*; freed: address; detail: site where it was noticed, or 0 */
#define RATION_MISUSE_DOUBLE_FREE 1 /* the block had been given back before */
#define RATION_MISUSE_WILD_FREE   2 /* no block begins there */
#define RATION_MISUSE_LATE_WRITE                                                                             \
  3 /* the block was written to after it had been given back; by whom is not known */
#define RATION_MISUSE_OVERRUN   4  /* likewise, behind its end */
#define RATION_EVENT_MARK_BYTES 24 /* of a name; a longer one is cut */

/*
 * A ring of many writers, which overwrites the oldest. A writer takes ticket t = events_next++ of the process's row
 * (the stream: stream_next++); its slot is t % rows. The slot's sequence: 2t + 1 while it is written, 2t + 2 when it holds ticket t. To read: load
 * sequence (acquire), copy, fence (acquire), load it again: the same even number, and the copy is whole.
 */
struct ration_segment_event {
  uint64_t sequence; /* [live] */
  uint64_t at;       /* [live] CLOCK_MONOTONIC */
  uint64_t what;   /* [live] kind, bits 0..7; level 8..15; old level 16..23; category 24..31; budget 32..39 */
  uint64_t who;    /* [live] thread id, bits 0..31; priority 32..63, signed */
  uint64_t bytes;  /* [live] */
  uint64_t limit;  /* [live]; of a handler: wanted */
  uint64_t freed;  /* [live] of a handler */
  uint64_t detail; /* [live] */
};

/* ---- timeline ------------------------------------------------------------------------------------------- */

/*
 * Points in time, and what each category had charged then (own_charged, without those below it), in four tiers: the
 * last 1,000 points 10 ms or more apart, the last 600 at 1 s, the last 720 at 30 s, and 500 to 1,000 over the whole
 * life, every second of which goes when there are 1,000. A point comes when charges change; until the next one of its
 * tier, none has changed by more than the credit, or, in the finest tier, what changed is in it.
 *   strip of (tier, group, point) = row (tier * 16 + group) * 1024 + point;  category id = 16 * group + i: bytes[i]
 * bytes[0] of group 0 is the time. To read a tier: copy timeline_points, the strips, timeline_points again; of n points
 * begun, point k is at k % capacity; those that may have been overwritten meanwhile are left out. (The last tier: k < n
 * <= 1,000; where n has fallen meanwhile, read again.)
 */
#define RATION_TIMELINE_TIERS   4
#define RATION_TIMELINE_GROUPS  16
#define RATION_TIMELINE_STRIP   16
#define RATION_TIMELINE_POINTS  1024 /* room; capacities are less */
#define RATION_TIMELINE_FINE    1000
#define RATION_TIMELINE_SECONDS 600
#define RATION_TIMELINE_MINUTES 720
#define RATION_TIMELINE_LIFE    1000

struct ration_segment_strip {
  uint64_t bytes[RATION_TIMELINE_STRIP]; /* [live] */
};

/* ---- the process ---------------------------------------------------------------------------------------- */

#define RATION_UNWIND_LIBUNWIND 1
#define RATION_UNWIND_FP        2
#define RATION_UNWIND_OFF       3
#define RATION_UNWIND_TABLES    4 /* as libunwind, which could not be loaded: few functions are not known */

/* Why a block that was chosen is no sample. */
#define RATION_SAMPLE_NO_ROOM 0 /* the table of samples is full where it would have to be */
#define RATION_SAMPLE_NO_SITE 1 /* no room for a further site, or its frames */
#define RATION_SAMPLE_NESTED  2 /* in a signal handler that came while another one was taken */
#define RATION_SAMPLE_LOSSES  3

/* Why a stack has no further frames, though they are not its outermost. */
#define RATION_STACK_UNKNOWN 0 /* code without unwind information, of which frame pointers lead nowhere */
#define RATION_STACK_ASTRAY                                                                                  \
  1 /* it leads out of the stack: a stack that is being changed, or wrong information */
#define RATION_STACK_BUSY 2 /* what was not known could not be asked: others did, or a fork came between */
#define RATION_STACK_ENDS 3

/* What is known of the process besides its books. One row. */
struct ration_segment_process {
  uint32_t memory;        /* [live] the setting `memory` */
  uint32_t unwind;        /* RATION_UNWIND_*: how frames are found, as it came out */
  uint32_t range_count;   /* [live] rows 0 .. range_count-1 of the ranges table have been used */
  uint32_t unwind_asked;  /* RATION_UNWIND_*: the setting `unwind` */
  uint64_t late_modules;  /* [live] modules that came later, in which fn: rules see dynamic symbols alone */
  uint64_t callers_lost;  /* [live] blocks asked for by a wrapper whose caller could not be found */
  uint64_t accounts_lost; /* [live] accounted blocks and mappings that found no room in the shim's tables */
  uint64_t ranges_lost;   /* [live] ranges that found no room */
  uint64_t rules_count;   /* rows of the rules table in use */
  /* [live] The same of those that were there from the start: their file could not be read. */
  uint64_t unread_modules;
  uint64_t started_at;      /* CLOCK_MONOTONIC, at the moment of the header's started_at_ns */
  uint64_t events_next;     /* [live] ticket of the next event */
  uint64_t events_lost;     /* [live] that were dropped: their slot was taken, or its page could not be had */
  uint64_t faults_injected; /* [live] requests that `fail` refused */
  uint64_t timeline_points[RATION_TIMELINE_TIERS]; /* [live] begun so far; of the last tier: held */
  uint64_t timeline_life_ns;                       /* [live] between points of the last tier; 0: 1 s */
  uint64_t stream_next;                            /* [live] as events_next, of the stream */
  uint64_t stream_lost;                            /* [live] as events_lost */
  uint64_t sample_mean;  /* [live] bytes between samples, on average; 0: none are taken */
  uint64_t sample_share; /* [live] sample=auto:P%: of 10,000 parts of the CPU time; 0: the mean is fixed */
  uint64_t site_count;   /* [live] rows 1 .. site_count-1 of the sites are taken */
  uint64_t frame_count;  /* [live] words of the frames table that are taken */
  uint64_t module_count; /* [live] rows 1 .. module_count-1 of the modules are taken */
  uint64_t samples_lost[RATION_SAMPLE_LOSSES]; /* [live] blocks that were chosen and yet are no samples */
  uint64_t modules_lost;                       /* [live] that found no room: their frames are of module 0 */
  uint64_t stacks_truncated;                   /* [live] samples: more frames than RATION_SITE_FRAMES_MOST */
  uint64_t stacks_ended[RATION_STACK_ENDS];    /* [live] samples: the way outward was lost */
  uint64_t copied_at;      /* of a copy that the process has made of its segment: when; else 0 */
  uint64_t sizes_lost;     /* [live] samples that are in no class of sizes, for want of memory */
  uint64_t start_ns;       /* [live] CPU time of the shim's own start */
  uint64_t measured_calls; /* [live] allocations and frees that measured_ns stands for */
  uint64_t
      measured_ns; /* [live] signed: spent on them, but for the heap's time, handlers and samples; estimated
                           by one call in a few thousand */
  uint64_t sample_count; /* [live] rows 1 .. sample_count-1 of the samples have been taken */
  /* Of the page heap; 0 where blocks come from the system heap. Those up to lists_lost are of holdings_at. */
  uint64_t holdings_at;       /* [live] when holdings and classes were counted; 0: not yet */
  uint64_t spans_free_bytes;  /* [live] bytes of the region that are managed, and nobody's */
  uint64_t spans_dirty_bytes; /* [live] of them, those that may be in memory */
  uint64_t
      spans_returned_bytes; /* [live] bytes that went back to the system so far, while the process went on */
  uint64_t lists_lost; /* [live] pages that lost their free blocks, as the program had written over a link */
  uint64_t
      double_frees; /* [live] blocks that were given back, or resized, when they had been before: left alone */
  uint64_t wild_frees;  /* [live] addresses within the region at which no block begins: likewise */
  uint64_t late_writes; /* [live] blocks that were written to after they had been given back */
  uint64_t overruns;    /* [live] blocks that were written to behind their end; with harden=1 */
  uint64_t page_region; /* address; see struct ration_page_row */
  uint64_t page_region_bytes;
  uint64_t page_rows; /* address */
  uint64_t reserved[14];
};

/* ---- the page heap ---------------------------------------------------------------------------------------- */

/*
 * What pages of the page heap hold, of one category, or one size class. A block of class c has 16 * c bytes up to 1 KiB (c
 * = 64), and then come four classes a doubling, up to 64 KiB; those of class 0 have a span of their own each.
 *   used_bytes <= held_bytes; held_bytes - used_bytes is what the heap holds and no block uses: fragmentation
 */
struct ration_segment_holding {
  uint64_t blocks;     /* [live] given out */
  uint64_t used_bytes; /* [live] their usable bytes */
  uint64_t held_bytes; /* [live] of the pages, or spans, that they lie in */
  uint64_t reserved;
};

#define RATION_PAGE_CLASSES 89

#define RATION_SLOT_FREE  1 /* a span that is nobody's */
#define RATION_SLOT_PAGE  2 /* `capacity` blocks of `bytes` each from its start on */
#define RATION_SLOT_PART  3 /* of the page that begins at slot `first` */
#define RATION_SLOT_LARGE 4 /* one block of large_bytes, at its start */

/*
 * A row of the page heap's table, in the address space of the process: row n is of the slot, 64 KiB, that begins at
 * page_region + n * 65536; row 0 is none. For whoever asks whose a block is, from outside. A block that is free has as its
 * second word its address ^ mask; one that could not be given out yet may have anything there, and is told by this:
 *   a block of a page can be given out if first <= its distance from the page's start < first + carved_bytes
 * A block that is a sample has its tag in the tag map; others have none.
 */
struct ration_page_row {
  uint64_t private0[2];
  uint16_t left; /* [live], as all below: left + tells_at, modulo 2^16, blocks are given out, or have been */
  uint16_t tells_at; /* freed since, and are in `delayed` or `remote` */
  uint16_t private2;
  uint16_t capacity;
  uint32_t private3[3];
  uint16_t private7;
  uint16_t delayed;
  uint32_t dirty; /* of a free span: slots from its start that may be in memory */
  uint32_t private4[5];
  uint64_t remote; /* from bit 32 on, 16 bits: how many blocks */
  uint64_t private6;
  uint64_t mask;
  uint64_t large_bytes;
  uint64_t owner; /* from bit 48 on: how many blocks are samples */
  uint32_t bytes;
  uint32_t carved_bytes;
  uint32_t private5;
  uint32_t first; /* of a part: a slot; of a page: bytes */
  uint8_t category;
  uint8_t size_class;
  uint8_t kind; /* RATION_SLOT_*; others: no block begins there */
  uint8_t order;
  uint32_t usable; /* of `bytes`, those that are the program's */
};

#define RATION_RANGE_SHIM  1 /* the shim's own memory */
#define RATION_RANGE_STACK 2 /* a thread's stack */
#define RATION_RANGE_HEAP  3 /* the page heap's region */

/* A stretch of the process's address space, for whoever explains its resident memory. */
struct ration_segment_range {
  uint64_t start; /* [live] */
  uint64_t bytes; /* [live] 0: the row is free */
  uint32_t kind;  /* [live] RATION_RANGE_* */
  uint32_t owner; /* [live] thread id, of a stack */
  uint64_t reserved;
};

/* ---- control -------------------------------------------------------------------------------------------- */

#define RATION_ANSWER_TAKEN   1
#define RATION_ANSWER_REFUSED 2

/*
 * The only part of a segment that is written from outside, by `ration set`: settings, as in RATION_OPTIONS. One
 * row, in a page of its own. Writers exclude each other by flock(2) on the file. A writer makes `asked` odd, stores the
 * text, then the next even number in `asked` (an odd one that it finds is of a writer that died). A thread of the
 * process takes up an even one at its next heartbeat, and stores result and why, then answered = asked.
 */
struct ration_segment_control {
  uint64_t asked;    /* [live] number of the newest request, even; written from outside, as text is */
  uint64_t answered; /* [live] number of the newest request that was taken up */
  uint32_t result;   /* [live] RATION_ANSWER_*, of that one */
  uint32_t reserved[11];
  char why[448];   /* [live] what was refused, and why; NUL-terminated */
  char text[3584]; /* [live] the request, NUL-terminated */
};

/* ---- header -------------------------------------------------------------------------------------------- */

/* Kinds of table. */
#define RATION_TABLE_CATEGORIES   1  /* rows of struct ration_segment_category; row 0 is never used */
#define RATION_TABLE_SLABS        2  /* rows of struct ration_segment_slab */
#define RATION_TABLE_PROCESS      3  /* one row of struct ration_segment_process */
#define RATION_TABLE_CONTROL      4  /* one row of struct ration_segment_control */
#define RATION_TABLE_ACCOUNTS     5  /* rows of struct ration_segment_account, by category id */
#define RATION_TABLE_RANGES       6  /* rows of struct ration_segment_range */
#define RATION_TABLE_RULES        7  /* rows of struct ration_segment_rule */
#define RATION_TABLE_TEXT         8  /* text of the rules, in rows of 64 bytes that are one string of bytes */
#define RATION_TABLE_BUDGETS      9  /* rows of struct ration_segment_budget, by category id */
#define RATION_TABLE_REFUSALS     10 /* rows of struct ration_segment_refusal */
#define RATION_TABLE_HANDLERS     11 /* rows of struct ration_segment_handler */
#define RATION_TABLE_EVENTS       12 /* rows of struct ration_segment_event */
#define RATION_TABLE_TIMELINE     13 /* rows of struct ration_segment_strip; none in a small segment */
#define RATION_TABLE_SITES        14 /* rows of struct ration_segment_site */
#define RATION_TABLE_FRAMES       15 /* words of 8 bytes */
#define RATION_TABLE_SITE_INDEX   16 /* private to the shim */
#define RATION_TABLE_SAMPLES      17 /* rows of struct ration_segment_sample */
#define RATION_TABLE_MODULES      18 /* rows of struct ration_segment_module */
#define RATION_TABLE_STREAM       19 /* rows of struct ration_segment_event: of samples */
#define RATION_TABLE_SIZES        20 /* rows of struct ration_segment_sizes, by category id; none in a small one */
#define RATION_TABLE_POOLS        21 /* rows of struct ration_segment_pool */
#define RATION_TABLE_SAMPLE_INDEX 22 /* private to the shim */
#define RATION_TABLE_HOLDINGS     23 /* rows of struct ration_segment_holding, by category id */
#define RATION_TABLE_CLASSES                                                                                 \
  24 /* rows of struct ration_segment_holding, by size class: RATION_PAGE_CLASSES */
#define RATION_SEGMENT_TABLES 32 /* places in the directory */

struct ration_segment_table {
  uint32_t kind; /* RATION_TABLE_*; 0: place not used */
  uint32_t stride;
  uint64_t offset; /* from the start of the file */
  uint64_t rows;
};

/* States, as the process itself last knew. A process that is gone cannot say so: readers compare pid and
   START with /proc. */
#define RATION_STATE_RUNNING  1
#define RATION_STATE_EXITED   2 /* left by exit(3) or by returning from main */
#define RATION_STATE_REPLACED 3 /* called exec: a later image has a segment of its own */

/* Why a process is passive (watched, but its blocks are not counted); 0: it is not. */
#define RATION_PASSIVE_OWN_MALLOC 1 /* the program brings its own malloc: calls do not reach the shim */
#define RATION_PASSIVE_SANITIZER  2 /* address, leak, thread or memory sanitizer */
#define RATION_PASSIVE_NO_MEMORY  3 /* no address space for the tag map */
#define RATION_PASSIVE_NO_USABLE  4 /* the allocator below has no malloc_usable_size that fits its blocks */
#define RATION_PASSIVE_SECOND     5 /* another libration stands above this one */

#define RATION_HEAP_SYSTEM 1
#define RATION_HEAP_PAGE   2

/* Why blocks come from the system heap, though the page heap was asked for; 0: it was not, or they do not. Where `heap` is
   RATION_HEAP_PAGE, new ones do since that happened. */
#define RATION_HEAP_LIMITED  1 /* the process may map only so much: RLIMIT_AS, RLIMIT_DATA */
#define RATION_HEAP_NO_SPACE 2 /* no address space to be had for it */
#define RATION_HEAP_DEEPBIND                                                                                 \
  3 /* a library was opened with RTLD_DEEPBIND: it may hand blocks to libc's own free */
#define RATION_HEAP_LOCKED 4 /* the program locks its memory (mlockall): what is reserved would count */

#define RATION_PROGRAM_BYTES 64
#define RATION_TEXT_BYTES    64
#define RATION_IGNORED_BYTES 512

struct ration_segment_header {
  uint64_t magic; /* [live] RATION_SEGMENT_MAGIC, stored last */
  uint16_t version_major;
  uint16_t version_minor;
  uint32_t header_bytes;  /* sizeof this struct */
  uint64_t segment_bytes; /* size of the file */
  struct ration_segment_table tables[RATION_SEGMENT_TABLES];

  /* Who. */
  uint32_t pid; /* in its own pid namespace */
  uint32_t parent;
  uint32_t user;  /* real uid */
  uint32_t image; /* N of the file's name */
  uint64_t start_ticks;
  uint64_t pid_namespace;
  uint64_t session_start; /* of the `ration run` that started the tree; 0: none */
  uint32_t session_pid;
  uint32_t heap;                        /* RATION_HEAP_* */
  uint64_t started_at_ns;               /* this image: nanoseconds since the epoch */
  char program[RATION_PROGRAM_BYTES];   /* file name of the executable */
  char allocator[RATION_TEXT_BYTES];    /* the next allocator: "libc.so.6", "libjemalloc.so.2" */
  char shim_version[RATION_TEXT_BYTES]; /* "0.1.0" */

  /* How it stands. */
  uint32_t state;       /* [live] RATION_STATE_* */
  uint32_t passive;     /* [live] RATION_PASSIVE_* */
  uint32_t keep;        /* 1: stays after a normal exit */
  uint32_t slab_count;  /* [live] slabs 0 .. slab_count-1 have been used */
  uint64_t ended_at_ns; /* [live] with RATION_STATE_EXITED; else 0 */

  /* Where the tags are, in the address space of the process: for `ration whose`. One byte a granule; leaf
     pointer = directory[(address >> granule_shift) >> leaf_bits], 0: no leaf. A tag is 0, a category id, or
     RATION_TAG_SAMPLED: the category is that of the block's site, see struct ration_segment_sample. */
  uint64_t tag_directory; /* address; 0: no tag map */
  uint64_t tag_directory_entries;
  uint32_t granule_shift; /* 4 or 3 */
  uint32_t leaf_bits;
  uint32_t chunk_sizes;  /* [live] 1: usable sizes can be read from glibc's chunk headers */
  uint32_t heap_refusal; /* [live] RATION_HEAP_LIMITED, ... */

  /* What was turned away or lost. */
  uint64_t foreign_frees;    /* [live] blocks freed or resized that the shim had not seen allocated */
  uint64_t categories_lost;  /* [live] look-ups of a category that ended at `other` for want of room */
  uint64_t untracked_blocks; /* [live] blocks that could not be tagged or charged: given out, not counted */
  uint64_t scopes_lost;      /* [live] scopes that could not be opened */
  uint64_t inherited_error_bytes;     /* bytes by which a fork child's opening books may be off */
  uint64_t settings_ignored;          /* settings of RATION_OPTIONS that were not understood */
  char ignored[RATION_IGNORED_BYTES]; /* them, one a line, "NAME=VALUE: why"; cut at the end */

  /* category_row[id]: its row in the category table; 0: no such category (yet). [live] */
  uint16_t category_row[RATION_CATEGORY_IDS];
};

#ifdef __cplusplus
#define RATION_SEGMENT_ASSERT(condition, words) static_assert(condition, words)
#else
#define RATION_SEGMENT_ASSERT(condition, words) _Static_assert(condition, words)
#endif
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_category) == 256, "category rows are 256 bytes");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_category, name) == 64, "charges fill one cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_tally) == 64, "a tally fills one cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_slab_head) == 64, "the head takes the place of one tally");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_slab) == 16384, "a slab is 16 KiB");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_table) == 24, "a directory entry is 24 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_rule) == 16, "a rule is 16 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_account) == 64, "an account fills one cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_budget) == 256, "a budget is 256 bytes");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_budget, fall_bytes) == 64,
                      "a budget's limits fill one cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_refusal) == 128, "a refusal is 128 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_handler) == 128, "a handler is 128 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_pool) == 128, "a pool is 128 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_event) == 64, "an event fills one cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_strip) == 128, "a strip is 128 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_process) == 512, "the process's row is 512 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_site) == 512, "a site is 512 bytes");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_site, own) == 128, "sums start on a cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_sample) == 48, "a live sample is 48 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_size_class) == 64, "a class of sizes is a cache line");
RATION_SEGMENT_ASSERT(RATION_SIZE_UP_TO(0) == 16 && RATION_SIZE_UP_TO(1) == 20 &&
                          RATION_SIZE_UP_TO(4) == 32 &&
                          RATION_SIZE_UP_TO(RATION_SIZE_CLASSES - 2) == UINT64_C(3) << 30,
                      "four classes a doubling");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_module) == 1024, "a module is 1 KiB");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_holding) == 32, "a holding is 32 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_page_row) == 128, "a row of the page heap's table is 128 bytes");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_range) == 32, "a range is 32 bytes");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_control, why) == 64,
                      "numbers fill the first cache line");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_control) == 4096, "control is a page of its own");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, pid) == 792, "identity follows the directory");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, program) == 848, "names follow the identity");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, state) == 1040, "state follows the names");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, tag_directory) == 1064, "tags follow the state");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, foreign_frees) == 1096,
                      "losses follow the tags");
RATION_SEGMENT_ASSERT(offsetof(struct ration_segment_header, category_row) == 1656, "the index is last");
RATION_SEGMENT_ASSERT(sizeof(struct ration_segment_header) == 2168, "the header is 2168 bytes");
#undef RATION_SEGMENT_ASSERT

#ifdef __cplusplus
}
#endif
#endif
