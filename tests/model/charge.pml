/*
 * charge.pml: charges under budgets, as src/model/charge.c and category_charge() of src/model/category.c make them, for spin.
 *
 * Two categories, of which one has a budget, below a third that has one: a charge goes into its category's own figure, and
 * then into the subtrees' on the way up, until one does not fit; then it is taken off again.
 *
 * What it proves, in every interleaving, of threads that die anywhere, too:
 *   no budget is exceeded, not for a moment;
 *   at rest each figure is the sum of what was granted below it; of what the dead were at, it may be more;
 *   who is refused was refused for want of room: with the bytes that were charged then, it would not have fitted;
 *   at rest no peak is below its charge, nor above its budget;
 *   nobody tries again but because another one has charged (PROGRESS).
 *
 * The source's:
 *   C: int charge_apply(uint64_t *charge, struct charge_change change, struct charge_bounds bounds,
 *   C: uint64_t *ret_charge) {
 *   C: uint64_t now = load_relaxed(charge);
 *   C: uint64_t next;
 *   C: do {
 *   C: int64_t bytes = (int64_t)RATION_CHARGE_BYTES(now) + change.bytes;
 *   C: int64_t units = (int64_t)(now >> RATION_CHARGE_BYTES_BITS) + change.allowance / RATION_CHARGE_UNIT;
 *   C: if (bytes < 0 || bytes > CHARGE_BYTES_MOST || units < 0 || units > CHARGE_UNITS_MOST) return -ENOMEM;
 *   C: if (bytes > bounds.bytes && change.bytes > 0) return -EDQUOT;
 *   C: if (units > bounds.units && change.allowance > 0) return -EDQUOT;
 *   C: next = (uint64_t)units << RATION_CHARGE_BYTES_BITS | (uint64_t)bytes;
 *   C: } while (!cas_relaxed(charge, &now, next));
 *   C: *ret_charge = next;
 *   C: return 0;
 *   C: }
 *   C: void charge_raise_peak(uint64_t *peak, uint64_t charge) {
 *   C: uint64_t highest = load_relaxed(peak);
 *   C: while (RATION_CHARGE_BYTES(charge) > RATION_CHARGE_BYTES(highest))
 *   C: if (cas_relaxed(peak, &highest, charge)) break;
 *   C: }
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef CHARGES
#define CHARGES 2 /* of each thread */
#endif
#ifndef REACH
#define REACH 0
#endif
#define REACHED(n) assert(REACH != n)
#ifdef DIES
#define MAY_DIE :: true -> goto dead
#else
#define MAY_DIE
#endif

/* Own figures of the two categories, and the subtrees of these and of what is above. */
#define OWN(category) category
#define FIRST         2
#define TOTAL         4
#define FIGURES       5
#define UNBOUNDED     100
#define LIMIT(figure) (figure == FIRST -> 2 : (figure == TOTAL -> 3 : UNBOUNDED))

byte charged[FIGURES];
byte peak[FIGURES];
byte over;
/* What the proof keeps besides. */
byte granted[2];
byte dead_bytes;

/* Up. `is_in`: it fits, and is in. */
inline charge(figure) {
  now = charged[figure];
  do
  :: atomic {
       now + bytes > LIMIT(figure) ->
       assert(charged[figure] + bytes > LIMIT(figure) || now != charged[figure]);
       is_in = false;
       break
     }
#ifdef ADDS_FIRST
  :: now + bytes <= LIMIT(figure) || true ->
     charged[figure] = charged[figure] + bytes;
     after = charged[figure];
     if
     :: after > LIMIT(figure) -> charged[figure] = charged[figure] - bytes; is_in = false
     :: else -> is_in = true
     fi;
     break
#else
  :: now + bytes <= LIMIT(figure) ->
     atomic {
       if
#ifdef NO_SWAP
       :: true
#else
       :: charged[figure] == now
#endif
          -> charged[figure] = now + bytes;
          assert(charged[figure] <= LIMIT(figure));
          after = now + bytes;
          is_in = true;
          break
#ifndef NO_SWAP
       :: charged[figure] != now ->
          REACHED(1)
#ifndef NO_RELOAD
          ; now = charged[figure]
#endif
#endif
       fi
     }
#endif
  od;
  assert(charged[figure] <= LIMIT(figure))
}

/* Down, which never fails. */
inline take_off(figure) {
  now = charged[figure];
  do
  :: atomic {
       assert(now >= bytes || now != charged[figure]);
       if
       :: charged[figure] == now -> charged[figure] = now - bytes; break
       :: charged[figure] != now -> now = charged[figure]
       fi
     }
  od
}

inline raise_peak(figure, to) {
  now = peak[figure];
  do
  :: to <= now -> break
  :: to > now ->
     atomic {
       if
#ifdef NO_PEAK_SWAP
       :: true
#else
       :: peak[figure] == now
#endif
          -> peak[figure] = to;
          break
#ifndef NO_PEAK_SWAP
       :: peak[figure] != now -> now = peak[figure]
#endif
       fi
     }
  od
}

proctype thread() {
  byte count, category, bytes, now, after, of_own, of_first;
  bool is_in;
  do
  :: count < CHARGES ->
     count++;
     if
     :: category = 0
     :: category = 1
     fi;
     if
     :: bytes = 1
     :: bytes = 2
     fi;
     charge(OWN(category));
     of_own = after;
     charge(FIRST + category);
     of_first = after;
     if
     :: !is_in -> REACHED(2); skip
     :: else ->
        if
        :: true
        MAY_DIE
        fi;
        charge(TOTAL);
        if
        :: !is_in ->
           REACHED(3);
           take_off(FIRST + category)
        :: else -> skip
        fi
     fi;
progress:
     if
     :: is_in ->
        granted[category] = granted[category] + bytes;
        raise_peak(OWN(category), of_own);
        raise_peak(FIRST + category, of_first);
        raise_peak(TOTAL, after);
        if
        :: true -> /* and off again */
           granted[category] = granted[category] - bytes;
           take_off(OWN(category));
           take_off(FIRST + category);
           take_off(TOTAL)
        :: true -> skip
        fi
     :: else ->
#ifdef NO_TAKE_OFF
        skip
#else
        take_off(OWN(category))
#endif
     fi;
     atomic { category = 0; bytes = 0; now = 0; after = 0; of_own = 0; of_first = 0; is_in = false }
  :: else -> break
  od;
  goto end;
dead:
  dead_bytes = dead_bytes + bytes;
end:
  over++
}

/* At rest. */
proctype judge() {
  byte i;
  over == THREADS;
  d_step {
    for (i : 0 .. 1) {
      assert(charged[OWN(i)] >= granted[i] && charged[OWN(i)] <= granted[i] + dead_bytes);
      assert(charged[FIRST + i] == charged[OWN(i)])
    }
    assert(charged[TOTAL] == granted[0] + granted[1]);
    for (i : 0 .. FIGURES - 1) {
      assert(peak[i] <= LIMIT(i) && peak[i] + dead_bytes >= charged[i])
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
