#!/usr/bin/env bats
# Memory that malloc never sees: what the program reports, and with mmap=1 what it maps, to the byte.

load helpers
load alike

# accounts SEGMENT: "NAME LIVE PEAK", a line for each account that ever held anything, as the segment has them.
accounts() {
  python3 - "$1" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
tables = {kind: (stride, offset, rows) for kind, stride, offset, rows
          in (struct.unpack_from("<IIQQ", data, 24 + 24 * i) for i in range(16)) if kind}
for number in range(1, 253):
    row, = struct.unpack_from("<H", data, 1272 + 2 * number)
    if not row:
        break
    stride, offset, _ = tables[1]
    name = data[offset + row * stride + 64:][:192].split(b"\0")[0].decode()
    stride, offset, _ = tables[5]
    live, peak = struct.unpack_from("<QQ", data, offset + number * stride)
    if peak:
        print(name, live, max(live, peak))
PY
}

# of_parent, of_child: the segment of a process that no other forked, and of one that it did.
of_child() {
  local segment parents=()
  for segment in "$RATION_DIR"/ration.*; do parents+=("$(figure "$segment" .parent)"); done
  for segment in "$RATION_DIR"/ration.*; do
    if [[ " ${parents[*]} " != *" $(figure "$segment" .pid) "* ]]; then echo "$segment"; fi
  done
}

of_parent() {
  local segment
  for segment in "$RATION_DIR"/ration.*; do
    if [ "$segment" != "$(of_child)" ]; then echo "$segment"; fi
  done
}

@test "what is reported by hand, in a child of fork and of clone too" {
  for how in fork clone; do
    everywhere accounts "$how"
    [ "$(segments)" = 2 ]
    diff <(accounts "$(of_parent)") - <<<"gpu/buffers 3145728 7340032
arenas 56 4194304"
    diff <(accounts "$(of_child)") - <<<"gpu/buffers 3145728 7340032
arenas 0 4194304"
  done
}

@test "a passive process takes reports, and notes nothing" {
  options=keep=1,not=accounts
  unharmed "" accounts
  [ "$(segments)" = 0 ]
}
