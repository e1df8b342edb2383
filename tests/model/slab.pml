/*
 * slab.pml: slabs that pass from thread to thread, as src/track/slab.c hands them over, for spin.
 *
 * What it proves, in every interleaving:
 *   a slab has one owner at most, who finds what its last one has counted;
 *   at rest each slab that was ever taken lies on the stack once, but for those whose owners died;
 *   a thread that dies, wherever it is, keeps no other from its end;
 *   nobody tries again but because another one has got what he wanted (PROGRESS: searched for cycles without).
 *
 * A counter in the head tells a stack from one that looks the same: without it a thread that slept would give away a slab
 * that has an owner. The link of a slab that was just taken may be read: the swap that would use it fails.
 *
 * The source's:
 *   C: static uint32_t take_returned(void) {
 *   C: uint64_t top = load_acquire(&stack);
 *   C: while ((uint32_t)top) {
 *   C: uint32_t below =
 *   C: load_relaxed(&segment.slabs[(uint32_t)top].u.head.next);
 *   C: if (cas_acq_rel(&stack, &top, ((top >> 32) + 1) << 32 | below))
 *   C: return (uint32_t)top;
 *   C: }
 *   C: return 0;
 *   C: }
 *   C: static void put_back(uint32_t slab) {
 *   C: uint64_t top = load_relaxed(&stack);
 *   C: do {
 *   C: store_relaxed(&segment.slabs[slab].u.head.next, (uint32_t)top);
 *   C: } while (!cas_acq_rel(&stack, &top, ((top >> 32) + 1) << 32 | slab));
 *   C: }
 */
#ifndef THREADS
#define THREADS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef SLABS
#define SLABS 2
#endif
#ifndef REACH
#define REACH 0
#endif
#define REACHED(n) assert(REACH != n)

#define SLAB(word) (word % 4)
#ifdef NO_COUNTER
#define CHANGED(word, slab) slab
#else
#define CHANGED(word, slab) ((word / 4 + 1) * 4 + slab)
#endif

#ifdef DIES
#define MAY_DIE :: true -> goto dead
#else
#define MAY_DIE
#endif

byte stack; /* counter, and the topmost slab; 0: empty */
byte next[SLABS + 1];
byte taken; /* slabs that were ever taken: the others are fresh */
byte counts[SLABS + 1];
byte owner[SLABS + 1];
byte over;
/* What the proof keeps besides. */
byte truly[SLABS + 1]; /* counted */
byte lost;             /* slabs of the dead */

inline take_returned() {
  slab = 0;
  top = stack;
  do
  :: SLAB(top) == 0 -> break
  :: SLAB(top) != 0 ->
     below = next[SLAB(top)];
     atomic {
       if
#ifdef NO_TAKE_SWAP
       :: true
#else
       :: stack == top
#endif
          -> slab = SLAB(top); stack = CHANGED(top, below)
#ifndef NO_TAKE_SWAP
       :: stack != top ->
          if
          :: SLAB(stack) == SLAB(top) -> REACHED(1) /* the counter alone tells them apart */
          :: else
          fi;
#ifndef NO_RELOAD
          top = stack
#endif
#endif
       fi
     };
     if
     :: slab != 0 -> break
     :: else
     fi
  od;
  atomic { top = 0; below = 0 }
}

inline take_fresh() {
  atomic {
    if
    :: taken < SLABS -> taken++; slab = taken
    :: else -> REACHED(2) /* it shares slab 0 */
    fi
  }
}

inline put_back() {
  top = stack;
  do
  :: next[slab] = SLAB(top);
     atomic {
       if
       :: stack == top -> stack = CHANGED(top, slab); break
       :: stack != top -> top = stack
       fi
     }
  od
#ifdef NO_RELEASE
  ; counts[slab] = seen + 1
#endif
}

proctype thread() {
  byte round, slab, top, below, seen;
  do
  :: round < ROUNDS ->
     round++;
     take_returned();
     if
     :: slab == 0 -> take_fresh()
     :: else -> skip
     fi;
     if
     :: slab == 0
     :: slab != 0 ->
progress:
        atomic { assert(owner[slab] == 0); owner[slab] = _pid };
        seen = counts[slab];
        assert(seen == truly[slab]);
#ifndef NO_RELEASE
        counts[slab] = seen + 1;
#endif
        atomic { truly[slab] = seen + 1; owner[slab] = 0 };
        if
        :: true
        MAY_DIE
        fi;
        put_back()
     fi;
     atomic { slab = 0; top = 0; seen = 0 }
  :: else -> break
  od;
  goto end;
dead:
  lost++;
end:
  over++
}

/* At rest. */
proctype judge() {
  byte at, found;
  over == THREADS;
  d_step {
    at = SLAB(stack);
    do
    :: at != 0 ->
       found++;
       assert(found <= SLABS);
       assert(owner[at] == 0 && counts[at] == truly[at]);
       at = next[at]
    :: else -> break
    od;
    assert(found + lost == taken);
    if
    :: found == SLABS -> REACHED(3)
    :: else -> skip
    fi
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
