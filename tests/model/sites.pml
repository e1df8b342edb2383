/*
 * sites.pml: sites that threads insert at the same moment, as src/model/sites.c does, for spin.
 *
 * What it proves, in every interleaving, of threads that die anywhere, too:
 *   whoever finds a site's word finds its row complete;
 *   all that ask for a stack are told the same site, and its word stands there once;
 *   a word never goes, nor becomes another's;
 *   a row is made in vain only where another thread was first, and nobody counts in it;
 *   nobody tries again but because another one has put a word there (PROGRESS).
 *
 * All stacks here begin to look at the same word: as bad as it can be.
 *
 * The source's:
 *   C: static int find(struct segment *segment, struct stack_key stack, uint64_t hash, uint64_t *at,
 *   C: uint32_t *ret_site) {
 *   C: uint64_t words = segment_rows(segment, RATION_TABLE_SITE_INDEX);
 *   C: for (uint64_t end = (hash & UINT32_MAX) + PROBES; *at < end; ++*at) {
 *   C: uint64_t *place = &segment->site_index[*at % words];
 *   C: if (segment_make_present(segment, place, sizeof *place) < 0) return -ENOSPC;
 *   C: uint64_t word = load_acquire(place);
 *   C: *ret_site = (uint32_t)word;
 *   C: if (!word) return 0;
 *   C: if (word >> 32 == hash >> 32 && is_of(segment, *ret_site, stack)) return 0;
 *   C: }
 *   C: return -ENOSPC;
 *   C: }
 *   C: int sites_intern(struct segment *segment, struct stack_key stack, struct site_birth birth,
 *   C: uint32_t *ret_site) {
 *   C: uint64_t hash = hash_of(stack), at = hash & UINT32_MAX;
 *   C: uint64_t words = segment_rows(segment, RATION_TABLE_SITE_INDEX);
 *   C: uint32_t site, made = 0;
 *   C: while (find(segment, stack, hash, &at, &site) == 0) {
 *   C: if (!site && !made) made = make_row(segment, stack, birth);
 *   C: if (!site && !made) return -ENOSPC;
 *   C: uint64_t nothing = 0;
 *   C: if (!site && cas_acq_rel(&segment->site_index[at % words], &nothing,
 *   C: hash >> 32 << 32 | made))
 *   C: site = made;
 *   C: if (!site) continue;
 *   C: *ret_site = site;
 *   C: return 0;
 *   C: }
 *   C: return -ENOSPC;
 *   C: }
 */
#ifndef THREADS
#define THREADS 3
#endif
#ifndef ASKS
#define ASKS 2 /* of each thread */
#endif
#ifndef STACKS
#define STACKS 2
#endif
#define WORDS 4
#define ROWS  (THREADS * ASKS)
#ifndef REACH
#define REACH 0
#endif
#define REACHED(n) assert(REACH != n)
#ifdef DIES
#define MAY_DIE :: true -> goto end
#else
#define MAY_DIE
#endif

byte index[WORDS + 1]; /* rows; 0: free */
byte stack_of[ROWS + 1];
bool is_whole[ROWS + 1];
byte rows_used;
byte over;
/* What the proof keeps besides. */
byte told[STACKS + 1]; /* the site that somebody was told of this stack */
byte put[WORDS + 1];   /* what was put there first */

inline find() {
  do
  :: at < WORDS ->
     site = index[at];
     if
     :: site == 0 -> break
     :: else ->
        assert(is_whole[site] && site == put[at]);
        if
        :: stack_of[site] == stack -> break
        :: else -> at++
        fi
     fi
  od
}

inline make_row() {
  atomic { rows_used++; made = rows_used };
#ifndef NO_RELEASE
  stack_of[made] = stack;
  is_whole[made] = true
#endif
}

inline swap() {
  atomic {
    if
#ifdef NO_SWAP
    :: true
#else
    :: index[at] == 0
#endif
       -> index[at] = made;
       site = made;
       if
       :: put[at] == 0 -> put[at] = made
       :: else -> skip
       fi
#ifndef NO_SWAP
    :: index[at] != 0 ->
       if
       :: stack_of[index[at]] == stack -> REACHED(1) /* the same stack, by another thread */
       :: else -> REACHED(2)
       fi
#ifdef NO_SECOND_LOOK
       ; at++
#endif
#endif
    fi
  }
#ifdef NO_RELEASE
  ; stack_of[made] = stack;
  is_whole[made] = true
#endif
}

proctype thread() {
  byte ask, stack, at, site, made;
  do
  :: ask < ASKS ->
     ask++;
     if
     :: stack = 1
     :: stack = STACKS
     fi;
     do
     :: true ->
        find();
        if
        :: site != 0 -> break
        :: else
        fi;
        if
        :: made == 0 -> make_row()
        :: else -> skip
        fi;
        if
        :: true
        MAY_DIE
        fi;
#ifdef NO_LOOK_AGAIN
        do
        :: swap();
           if
           :: site != 0 -> break
           :: else
           fi
        od;
#else
        swap();
#endif
        if
        :: site != 0 -> break
        :: else
        fi
     od;
progress:
     atomic {
       assert(told[stack] == 0 || told[stack] == site);
       told[stack] = site;
       stack = 0;
       at = 0;
       site = 0;
       made = 0
     }
  :: else -> break
  od;
end:
  over++
}

/* At rest. */
proctype judge() {
  byte i, k;
  over == THREADS;
  d_step {
    for (i : 0 .. WORDS - 1) {
      if
      :: index[i] != 0 ->
         assert(i == 0 || index[i - 1] != 0);
         for (k : 0 .. WORDS - 1) {
           assert(i == k || index[k] == 0 || stack_of[index[i]] != stack_of[index[k]])
         }
      :: else -> skip
      fi
    }
    for (i : 1 .. STACKS) {
      if
      :: told[i] != 0 -> assert(index[0] == told[i] || index[1] == told[i])
      :: else -> skip
      fi
    }
  }
}

init {
  byte i;
  atomic {
    for (i : 1 .. THREADS) {
      run thread()
    }
    run judge()
  }
}
