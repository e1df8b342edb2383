/*
 * event_ring.pml: the event ring of src/model/event_ring.c as a model for spin, which looks at every state of it.
 *
 * WRITERS put EVENTS each into SLOTS slots, so that they lap each other. Proved over all interleavings, in two runs,
 * since a reader changes nothing:
 *   -DREADER  a reader reads any slot at any moment: what it accepts is one event, with all its words of the ticket
 *             that its sequence says. (That a writer may have died says no more than that it takes no further step.)
 *   without   any writers die, at any moment. Nobody is wedged: whoever is not dead comes to its end; a slot takes the
 *             next event, but for one in which a writer died, which costs an event a lap. And the books are right:
 *             events_next = written + lost + tickets in the hands of the dead, each ticket in one of these, once.
 *   in both   the sequence of a slot only rises: no event takes the place of a later one.
 *
 * The model is of these three functions, as tests/model/run holds, with the words stored between the last two:
 *   C: static inline int claim(struct ration_segment_event *slot, uint64_t ticket) {
 *   C: uint64_t sequence = load_relaxed(&slot->sequence);
 *   C: if (sequence % 2 != 0 || sequence > 2 * ticket) return 0;
 *   C: return cas_acq_rel(&slot->sequence, &sequence, 2 * ticket + 1);
 *   C: }
 *   C: static inline struct ration_segment_event *begin(struct segment *segment, struct ring ring,
 *   C: uint64_t *ret_ticket) {
 *   C: uint64_t ticket = *ret_ticket = add_relaxed(ring.next, 1);
 *   C: struct ration_segment_event *slot = &ring.slots[ticket & ring.mask];
 *   C: if (segment_make_row_present(segment, slot, sizeof *slot) < 0 || !claim(slot, ticket)) {
 *   C: add_relaxed(ring.lost, 1);
 *   C: return NULL;
 *   C: }
 *   C: fence_release();
 *   C: return slot;
 *   C: }
 *   C: static inline void finish(struct ration_segment_event *slot, uint64_t ticket) {
 *   C: store_release(&slot->sequence, 2 * ticket + 2);
 *   C: }
 *
 * Memory. Spin's is sequentially consistent, C11's is not, so what C11 leaves open is chosen here: the words become
 * visible in any order between the claim's fence and the release store, and are loaded in any order between the two
 * looks at the sequence. The fences bound that, and nothing else does: a mutant below takes each bound away.
 *   A word of one lap does not come to lie under that of the lap before: whoever claims a slot acquires the release
 * store of whoever had it.
 *
 * Mutants, each of which must fail:
 *   NO_CLAIM_CHECK   a slot is claimed without comparing           NO_CLAIM_AGE      also from a later lap
 *   NO_CLAIM_SWAP    by a store, after the comparison              NO_CLAIM_FENCE    words may be seen before the claim
 *   NO_RELEASE       words may be seen after the last sequence     NO_CLAIM_ACQUIRE  or lie under the lap before's
 *   WAITS            for a slot that another writer has            NO_COUNT          a drop is not counted
 *   NO_SECOND_LOOK   the reader looks once                         NO_READER_FENCE   words may be loaded after it
 *   NO_ACQUIRE       words may be loaded before the first look
 * And with -DREACH=N the moment N must come, which is reported as a failure, too: what the model never does, it does
 * not prove.
 */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef EVENTS
#define EVENTS 3
#endif
#ifndef WORDS
#define WORDS 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef REACH
#define REACH 0
#endif
#define TICKETS    (WRITERS * EVENTS)
#define REACHED(n) assert(REACH != n)

byte events_next;
byte sequence[SLOTS];
byte words[SLOTS * WORDS]; /* ticket + 1, each of them */

/* Writers' swaps meet at the word itself; what a reader sees of it may lag behind. */
#ifdef NO_CLAIM_FENCE
byte seen[SLOTS];
#define LOOK(slot) seen[slot]
#define SHOW(slot) seen[slot] = sequence[slot]
#else
#define LOOK(slot) sequence[slot]
#define SHOW(slot) skip
#endif

/* What the proof keeps besides. */
#ifdef READER
#define NOTE(what) skip
#define MAY_DIE
#else
#define NOTE(what)   what
#define MAY_DIE      :: true -> goto dead
#define OPEN         0
#define WRITTEN      1
#define LOST         2
byte events_lost;
byte outcome[TICKETS];
byte open;             /* tickets in the hands of the dead */
bool is_open[TICKETS]; /* which */
byte over;             /* writers at their end, or dead */
#endif

/* Steps in any order: each takes its bit from `todo`, a local of whoever does them. */
#define STEP(bit, action) :: atomic { (todo & (bit)) -> action; todo = todo & (255 - (bit)) }
#ifdef NO_CLAIM_ACQUIRE
#define MAY_LIE_UNDER(bit) :: atomic { (todo & (bit)) && had -> todo = todo & (255 - (bit)) }
#else
#define MAY_LIE_UNDER(bit)
#endif
#define WORD_BITS         ((1 << WORDS) - 1)
#define CLAIM_BIT         16
#define FINISH_BIT        32
#define LOOK_BIT          64
#define OTHER_LOOK_BIT    128
#define NO_CLAIM          255

/* The swap, and what is compared before it, which is local. Leaves NO_CLAIM in `had` where it fails. */
inline claim() {
  had = sequence[slot];
  atomic {
    if
#ifdef NO_CLAIM_CHECK
    :: true -> had = sequence[slot]
#else
#ifdef WAITS
    :: had % 2 != 0 -> sequence[slot] % 2 == 0; had = 0
#else
    :: had % 2 != 0 -> had = NO_CLAIM
#endif
#ifndef NO_CLAIM_AGE
    :: had % 2 == 0 && had > 2 * ticket -> had = NO_CLAIM
#endif
#ifndef NO_CLAIM_SWAP
    :: had % 2 == 0 && sequence[slot] != had -> had = NO_CLAIM
#endif
    :: else -> skip
#endif
    fi;
    if
    :: had != NO_CLAIM ->
       assert(sequence[slot] < 2 * ticket + 1);
       sequence[slot] = 2 * ticket + 1
    :: else -> skip
    fi
  }
}

inline finish() {
  sequence[slot] = 2 * ticket + 2;
  SHOW(slot);
  NOTE(assert(outcome[ticket] == OPEN));
  NOTE(outcome[ticket] = WRITTEN)
}

inline write() {
  todo = WORD_BITS;
#ifdef NO_CLAIM_FENCE
  todo = todo | CLAIM_BIT;
#endif
#ifdef NO_RELEASE
  todo = todo | FINISH_BIT;
#endif
  do
  STEP(1, words[slot * WORDS] = ticket + 1)
  MAY_LIE_UNDER(1)
  STEP(2, words[slot * WORDS + 1] = ticket + 1)
  MAY_LIE_UNDER(2)
#if WORDS > 2
  STEP(4, words[slot * WORDS + 2] = ticket + 1)
  MAY_LIE_UNDER(4)
#endif
#ifdef NO_CLAIM_FENCE
  STEP(CLAIM_BIT, SHOW(slot))
#endif
#ifdef NO_RELEASE
  STEP(FINISH_BIT, finish())
  :: todo == 0 -> break
#else
  :: atomic { todo == 0 -> finish(); break }
#endif
  MAY_DIE
  od
}

inline drop() {
#ifdef READER
  skip
#else
  atomic {
    if
    :: sequence[slot] > 2 * ticket -> REACHED(2) /* for a later lap */
    :: sequence[slot] % 2 != 0 && sequence[slot] < 2 * ticket -> REACHED(3) /* for an earlier one */
    :: else -> skip
    fi;
    assert(outcome[ticket] == OPEN);
    outcome[ticket] = LOST;
#ifndef NO_COUNT
    events_lost++
#endif
  }
#endif
}

proctype writer() {
  byte ticket, slot, had, todo, puts;
  do
  :: puts < EVENTS ->
     atomic {
       ticket = events_next;
       events_next++;
       slot = ticket % SLOTS;
       puts++
     };
     if
     :: true
     MAY_DIE
     fi;
     claim();
     if
     :: had != NO_CLAIM -> write()
     :: else -> drop()
     fi;
     atomic { ticket = 0; slot = 0; had = 0 }
  :: else -> break
  od;
#ifndef READER
  goto end;
dead:
  atomic {
    open++;
    is_open[ticket] = true;
    ticket = 0;
    slot = 0;
    had = 0;
    todo = 0
  }
end:
  over++
#endif
}

#ifdef READER
/* One read, at any moment: it changes nothing, so that many are no more than one at another moment. */
proctype reader() {
  byte slot, first, second, todo = WORD_BITS;
  byte copy[WORDS];
  do
  :: slot < SLOTS - 1 -> slot++
  :: break
  od;
#ifdef NO_ACQUIRE
  todo = todo | LOOK_BIT;
#else
  first = LOOK(slot);
  if
  :: first % 2 != 0 || first == 0 -> goto end /* it will not be accepted, whatever follows */
  :: else
  fi;
#endif
#ifdef NO_READER_FENCE
  todo = todo | OTHER_LOOK_BIT;
#endif
  do
  STEP(1, copy[0] = words[slot * WORDS])
  STEP(2, copy[1] = words[slot * WORDS + 1])
#if WORDS > 2
  STEP(4, copy[2] = words[slot * WORDS + 2])
#endif
#ifdef NO_ACQUIRE
  STEP(LOOK_BIT, first = LOOK(slot))
#endif
#ifdef NO_READER_FENCE
  STEP(OTHER_LOOK_BIT, second = LOOK(slot))
#endif
  :: todo == 0 -> break
  od;
#ifdef NO_SECOND_LOOK
  second = first;
#else
#ifndef NO_READER_FENCE
  second = LOOK(slot);
#endif
#endif
  if
  :: first != second || first % 2 != 0 || first == 0 -> skip
  :: else -> /* accepted */
     if
     :: first > 4 * SLOTS -> REACHED(1) /* of the third lap */
     :: else -> skip
     fi;
     assert((first / 2 - 1) % SLOTS == slot);
     assert(copy[0] == first / 2);
     assert(copy[1] == first / 2);
#if WORDS > 2
     assert(copy[2] == first / 2);
#endif
  fi;
end:
  atomic {
    slot = 0;
    first = 0;
    second = 0;
    copy[0] = 0;
    copy[1] = 0;
#if WORDS > 2
    copy[2] = 0;
#endif
    todo = 0
  }
}
#else
/* At rest. */
proctype judge() {
  byte i, k, written, stuck;
  over == WRITERS;
  d_step {
    for (i : 0 .. TICKETS - 1) {
      if
      :: i < events_next ->
         assert(is_open[i] == (outcome[i] == OPEN));
         if
         :: outcome[i] == WRITTEN ->
            written++;
            assert(sequence[i % SLOTS] >= 2 * i + 2)
         :: else -> skip
         fi
      :: else -> assert(outcome[i] == OPEN && !is_open[i])
      fi
    }
    assert(events_next == written + events_lost + open);

    for (i : 0 .. SLOTS - 1) {
      if
      :: sequence[i] % 2 != 0 ->
         assert(is_open[sequence[i] / 2]);
         stuck++;
         REACHED(4)
      :: sequence[i] % 2 == 0 && sequence[i] != 0 ->
         assert(outcome[sequence[i] / 2 - 1] == WRITTEN);
         for (k : 0 .. WORDS - 1) {
           assert(words[i * WORDS + k] == sequence[i] / 2)
         }
      :: else -> skip
      fi
    }
    /* One lap more: each slot would take its event, but for those in which a writer died. */
    assert(stuck <= open);
    for (i : 0 .. SLOTS - 1) {
      k = (events_next + i) % SLOTS;
      assert(sequence[k] % 2 != 0 || sequence[k] <= 2 * (events_next + i))
    }
  }
}
#endif

init {
  byte i;
  atomic {
    for (i : 1 .. WRITERS) {
      run writer()
    }
#ifdef READER
    run reader()
#else
    run judge()
#endif
  }
}
