/*
 * category.pml: categories that threads add to the tree at the same moment, as src/model/category.c does, for spin.
 *
 * What it proves, in every interleaving, of threads that die anywhere, too:
 *   no path stands there twice, and who has added one is told the id under which all others find it;
 *   whoever sees an id sees its row complete;
 *   ids have no gaps: the first that is free ends the search;
 *   a row is of one category at most, and those that were claimed in vain are had again;
 *   nobody tries again but because another one has added something (PROGRESS).
 *
 * Rows come from a number that only rises, or from a word with a bit for each that was claimed in vain.
 *
 * The source's:
 *   C: static int add_part(struct segment *segment, struct draft draft, uint32_t *ret_id) {
 *   C: uint32_t id = RATION_CATEGORY_TOTAL, row = 0, automatic = 0;
 *   C: int result = 0;
 *   C: while (!find_from(segment, &draft, &id, &automatic)) {
 *   C: int is_full = id > RATION_CATEGORY_LAST ||
 *   C: (draft.kind == RATION_KIND_AUTOMATIC && automatic >= CATEGORY_AUTOMATIC_MOST);
 *   C: result = is_full ? -ENOSPC : row ? 0 : row_claim(segment, &row);
 *   C: if (result == -ENOMEM && find_from(segment, &draft, &id, &automatic)) result = 0;
 *   C: if (result < 0 || !row) break;
 *   C: row_fill(segment, row, &draft);
 *   C: if (category_publish(segment, id, row)) {
 *   C: row = 0;
 *   C: break;
 *   C: }
 *   C: }
 *   C: if (row) row_return(segment, row);
 *   C: if (result == 0) *ret_id = id;
 *   C: return result;
 *   C: }
 *   C: static int category_publish(struct segment *segment, uint32_t id, uint32_t row) {
 *   C: uint16_t none = 0;
 *   C: return cas_acq_rel(&segment->header->category_row[id], &none,
 *   C: (uint16_t)row);
 *   C: }
 *   C: static uint32_t row_take_spare(struct segment *segment) {
 *   C: for (uint32_t i = 0; i < SEGMENT_CATEGORY_ROWS / 64; i++) {
 *   C: uint64_t rows = load_acquire(&segment->spare_rows[i]);
 *   C: while (rows)
 *   C: if (cas_acq_rel(&segment->spare_rows[i], &rows, rows & (rows - 1)))
 *   C: return 64 * i + (uint32_t)__builtin_ctzll(rows);
 *   C: }
 *   C: return 0;
 *   C: }
 *   C: static void row_return(struct segment *segment, uint32_t row) {
 *   C: uint64_t *place = &segment->spare_rows[row / 64];
 *   C: uint64_t rows = load_relaxed(place);
 *   C: while (!cas_acq_rel(place, &rows, rows | UINT64_C(1) << row % 64)) {
 *   C: }
 *   C: }
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef ADDS
#define ADDS 2 /* of each thread */
#endif
#ifndef PATHS
#define PATHS 2
#endif
#ifndef IDS
#define IDS 3 /* 1 .. */
#endif
#define ROWS 7 /* 1 .. */
#ifndef REACH
#define REACH 0
#endif
#define REACHED(n) assert(REACH != n)
#ifdef DIES
#define MAY_DIE :: true -> goto dead
#else
#define MAY_DIE
#endif

byte row_of[IDS + 2]; /* by id; 0: free */
byte path_of[ROWS + 1];
bool is_whole[ROWS + 1];
byte rows_used;
byte spare; /* a bit for each row */
byte over, dead_rows;
/* What the proof keeps besides: in whose hands a row is. */
bool is_held[ROWS + 1];

/* The first of the spare ones; 0: there is none. */
inline take_spare() {
  seen = spare;
  do
  :: seen == 0 -> break
  :: seen != 0 ->
     atomic {
       if
       :: spare == seen ->
          row = (seen & 2 -> 1 : (seen & 4 -> 2 : (seen & 8 -> 3 : (seen & 16 -> 4 : (seen & 32 -> 5 : (seen & 64 -> 6 : 7))))));
          spare = spare - (1 << row);
          REACHED(2)
       :: spare != seen -> seen = spare
       fi
     };
     if
     :: row != 0 -> break
     :: else
     fi
  od;
  seen = 0
}

inline claim_row() {
  take_spare();
  atomic {
    if
    :: row == 0 && rows_used < ROWS -> rows_used++; row = rows_used
    :: else -> skip
    fi;
    assert(row != 0 && !is_held[row]);
    is_held[row] = true
  }
}

inline return_row() {
  seen = spare;
  do
  :: atomic {
       if
       :: spare == seen -> is_held[row] = false; spare = spare | (1 << row); row = 0; break
       :: spare != seen -> seen = spare
       fi
     }
  od;
  seen = 0
}

/* From `id` on: `found`, or the first that is free. */
inline find_from() {
  found = false;
  do
  :: row_of[id] == 0 -> break
  :: row_of[id] != 0 ->
     assert(is_whole[row_of[id]]);
     if
     :: path_of[row_of[id]] == path -> found = true; break
     :: else -> id++
     fi
  od
}

inline fill() {
  is_whole[row] = false;
  path_of[row] = path;
  is_whole[row] = true
}

inline publish() {
  atomic {
    if
#ifdef NO_SWAP
    :: true -> row_of[id] = row; done = true
#else
    :: row_of[id] == 0 -> row_of[id] = row; done = true
    :: row_of[id] != 0 -> REACHED(1) /* another one was first */
#ifdef NO_SECOND_LOOK
       ; id++
#endif
#endif
    fi
  }
}

proctype thread() {
  byte add, path, id, row, seen;
  bool found, done;
  do
  :: add < ADDS ->
     add++;
     if
     :: path = 1
     :: path = PATHS
     fi;
     id = 1;
     done = false;
     do
     :: !done ->
#ifdef NO_SECOND_LOOK
        if
        :: row == 0 -> find_from()
        :: else -> found = false
        fi;
#else
        find_from();
#endif
        if
        :: found -> break
        :: else
        fi;
        if
        :: row == 0 -> claim_row()
        :: else -> skip
        fi;
        if
        :: true
        MAY_DIE
        fi;
#ifdef NO_RELEASE
        publish();
        fill();
#else
        fill();
        publish();
#endif
     :: else -> break
     od;
progress:
     if
     :: done -> atomic { is_held[row] = false; row = 0 }
#ifdef NO_RETURN
     :: else -> row = 0
#else
     :: !done && row != 0 -> return_row()
     :: else -> skip
#endif
     fi;
     assert(row_of[id] != 0 && path_of[row_of[id]] == path);
     atomic { path = 0; id = 0; row = 0; found = false; done = false }
  :: else -> break
  od;
  goto end;
dead:
  dead_rows++;
end:
  over++
}

/* At rest. */
proctype judge() {
  byte i, k, published, free;
  over == THREADS;
  d_step {
    for (i : 1 .. IDS) {
      if
      :: row_of[i] != 0 ->
         published++;
         assert(published == i);
         assert(is_whole[row_of[i]] && (spare & (1 << row_of[i])) == 0);
         for (k : 1 .. IDS) {
           assert(i == k || row_of[k] == 0 || path_of[row_of[i]] != path_of[row_of[k]]);
           assert(i == k || row_of[i] != row_of[k])
         }
      :: else -> skip
      fi
    }
    for (i : 1 .. ROWS) {
      if
      :: spare & (1 << i) -> free++
      :: else -> skip
      fi
    }
    assert(published + free + dead_rows == rows_used)
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
