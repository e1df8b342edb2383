#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # words in single quotes are jq's and the page's; hold assigns held
# The web page that `report --html` writes: it has the figures of the report, shows names as text and reaches nobody; a browser
# draws all of its views.
# once: what a browser makes of a page that the reporter has written

load helpers
load held
load growing
load serving
bats_require_minimum_version 1.5.0

setup_file() {
  [ -s "${RATION_BUILD:-build}/web/page.html" ] || skip "there is no page: make web builds it"
}

# page [PID|FILE]: writes page.html, and leaves its data in data.json.
page() {
  "$RATION" report --html page.html "$@"
  sed -n 's|^<script type="application/json" id="data">||p' page.html >data.json
  [ -s data.json ]
}

# browse LINE...: a browser does these on the page (browse.py). What is printed is what it said.
browse() {
  printf '%s\n' 'size 1360 900' "load file://$PWD/page.html" "$@" | "$BATS_TEST_DIRNAME/browse.py"
}

teardown() {
  stop_serving
  end_held
  end_growing
}

# sampled CMD...: ends tracked, with every block a sample.
sampled() {
  RATION_OPTIONS=keep=1,sample=1 LD_PRELOAD=$SHIM "$@"
}

known() {
  gcc -std=c11 -g -D_GNU_SOURCE -fno-builtin "-I$BATS_TEST_DIRNAME/../../include" "-I$BATS_TEST_DIRNAME/../victims/sites" -pthread \
    "$BATS_TEST_DIRNAME/../victims/sites/known.c" -o known
  sampled ./known
}

@test "the page has what the report says, of each look" {
  known
  page
  "$RATION" report --json --sites >sites.json
  "$RATION" report --json --timeline >timeline.json
  for look in sites timeline; do # the page's own fields, and those of the look
    # The page has its timeline in columns.
    jq --slurpfile page data.json -e 'def points: . as {$seconds, $categories} | $seconds | to_entries | map(.key as $i
          | ($categories | map_values(.[$i]) | with_entries(select(.value > 0))) as $had
          | {seconds: .value, live_bytes: ([$had[]] | add // 0), categories: $had});
      .processes[0] as $report | ($page[0].processes[0] | .timeline |= points) as $page
      | $report | del(.sites) | to_entries | all(.value == $page[.key])' "$look.json"
  done
  jq -S '.processes[0] | .frames as $frames | .sites[] | .frames |= map($frames[.])' data.json >found
  jq -S '.processes[0].sites[] | del(.lifetimes)' sites.json >expected
  [ -s expected ]
  diff expected found
  json() { jq -er "$@" data.json; }
  json '.processes[0].frames | length == (unique | length)'
}

@test "of a recording it has every process, and of a timeline its moments and events" {
  "$RATION" record --quiet --output t.ration --set sample=1 --set held.budget=1M -- \
    sh -c "$VICTIMS/meets_budgets take:held:200 drop:100 take:held:200; $VICTIMS/marks mark:begin:7" >/dev/null
  page t.ration
  "$RATION" report --json t.ration | jq -c '[.processes[] | [.pid, .image, .program, .total]]' >expected
  jq -c '[.processes[] | [.pid, .image, .program, .total]]' data.json | diff expected -
  jq -e '.processes[] | select(.program == "meets_budgets") | .events | map(.kind) | contains(["pressure", "breach"])' data.json
  jq -e '.processes[] | select(.program == "marks") | .events == [.events[] | select(.kind == "mark" and .name == "begin" and .number == 7
    and .times == 1)] and (.events | length == 1)' data.json
  jq -e '.processes[] | select(.program == "meets_budgets") | .budgets[0].thresholds == "60/80/90/95"' data.json
}

@test "a browser shows every view, by mouse and by keys, and asks nobody for anything" {
  known
  page
  total=$(jq -r '.processes[0].total.allocations' data.json)
  browse \
    "until document.querySelector('#categories tbody tr')" \
    "is document.querySelector('#categories tfoot').innerText.replaceAll(',', '').includes('$total')" \
    "is document.querySelector('#coverage').innerText.includes('every block counted')" \
    'click #tab-flame' 'click [data-value=total]' \
    "until document.querySelector('g.frame[name=peaks]')" \
    'hover g.frame[name=peaks]' "until document.querySelector('.tip').innerText.includes('peaks')" \
    "is document.querySelector('.tip').innerText.includes('known.c')" \
    "is document.querySelector('g.frame[name=in_thread]').getBoundingClientRect().width < 100" \
    'click g.frame[name=in_thread]' "until document.querySelector('g.frame[name=in_thread]').getBoundingClientRect().width > 1000" \
    "until document.querySelector('#flame-details').innerText.includes('in_thread')" \
    "is !document.querySelector('#flame-reset').disabled" \
    'click #flame-reset' "until document.querySelector('#flame-reset').disabled" \
    "until document.querySelector('g.frame[name=in_thread]').getBoundingClientRect().width < 100" \
    'click #flame-search' 'type /^(peaks|plain_inner)$/' "until document.querySelector('#flame-found').innerText.startsWith('2 functions, ')" \
    "until document.querySelector('g.frame[name=peaks] rect').getAttribute('fill') === '#f062d0'" \
    "is document.querySelector('g.frame[name=main] rect').getAttribute('fill') !== '#f062d0'" \
    "until (document.querySelector('#flame-search').value = '', true)" \
    'type /(/' "until document.querySelector('#flame-search').getAttribute('aria-invalid') === 'true'" \
    "until (document.querySelector('#flame-search').value = '', document.querySelector('#flame-search').dispatchEvent(new Event('input')), true)" \
    'click [data-value=callers]' "until document.querySelector('g.frame[name=main]') && document.querySelector('g.frame[name=all]')" \
    "until (document.querySelector('#flame-graph').focus(), true)" 'key ArrowDown' 'key Enter' \
    "until !document.querySelector('#flame-reset').disabled" 'key Escape' "until document.querySelector('#flame-reset').disabled" \
    'key 3' "until location.hash === '#timeline'" \
    'key 4' "until document.querySelectorAll('#sites-table .rows .row').length > 10" \
    "is document.querySelector('#sites-table').clientHeight < innerHeight" \
    'click [data-by=total_blocks] button' \
    "until document.querySelector('[data-by=total_blocks]').getAttribute('aria-sort') === 'descending'" \
    "is document.querySelector('.rows .row:first-child').innerText.includes(String(Math.max(...JSON.parse(document.querySelector('#data').textContent) \
      .processes[0].sites.map((site) => site.total_blocks)).toLocaleString('en-US')))" \
    'click #sites-filter' 'type inlined_leaf' "until document.querySelector('#sites-found').innerText.startsWith('1 of ')" \
    "until document.querySelector('#sites-stack').innerText.includes('inlining')" \
    "is document.querySelectorAll('#sites-stack .chip').length === 2"
}

@test "the timeline is looked at closely by mouse and by keys, with its budget, levels and marks" {
  "$RATION" record --quiet --output t.ration --set held.budget=1M -- "$VICTIMS/meets_budgets" take:held:250 take:other:50 drop:100 \
    take:held:20 >/dev/null
  page t.ration
  browse \
    'key 3' "until document.querySelector('.u-over')" \
    "until document.querySelector('.legend').innerText.includes('held')" \
    "is document.querySelector('.lane-track').getAttribute('aria-label').startsWith('held, budget 1.0 MiB: ')" \
    "is document.querySelector('.lane-piece.level-low, .lane-piece.level-medium, .lane-piece.level-high')" \
    "until (document.querySelector('#timeline-scope').value = 'held', document.querySelector('#timeline-scope').dispatchEvent(new Event('change')), true)" \
    "until !document.querySelector('.legend').innerText.includes('other')" \
    'drag .u-over 0.2 0.6' "until !document.querySelector('#timeline-reset').disabled" \
    'click #timeline-reset' "until document.querySelector('#timeline-reset').disabled" \
    "until (document.querySelector('#timeline-plot').focus(), true)" 'key +' "until !document.querySelector('#timeline-reset').disabled" \
    'key ArrowRight' 'key Escape' "until document.querySelector('#timeline-reset').disabled" \
    'hover .u-over' "until document.querySelector('#timeline-moment').innerText.startsWith('at ')"
}

@test "it is light or dark as the browser asks, and as its switch says" {
  known
  page
  browse 'prefer prefers-color-scheme=dark' "until document.documentElement.dataset.theme === 'dark'" \
    'prefer prefers-color-scheme=light' "until document.documentElement.dataset.theme === 'light'" \
    'say getComputedStyle(document.body).backgroundColor' \
    'click #theme' 'click #theme' "until document.documentElement.dataset.theme === 'dark'" \
    'say getComputedStyle(document.body).backgroundColor' >backgrounds
  [ "$(sort -u backgrounds | wc -l)" = 2 ]
}

@test "names of any kind are text, in the file and on the page" {
  local name='<!--<script>&"x'
  cp "$VICTIMS/marks" "$name"
  sampled "./$name" 'mark:</script><b>:1' $'mark:a\e[1m\n:2' take:20 sleep:200 take:20 >/dev/null # for a timeline of two points
  page
  [ "$(grep -c '</script>' page.html)" = 2 ]
  [ "$(grep -c '<script' page.html)" = 2 ]
  jq -e '[.processes[0].events[].name] == ["</script><b>", "a\\x1b[1m\\x0a"]' data.json
  # No shim lets a category have such a name; somebody's file may.
  sed -i 's|"bin/[^"]*"|"\\u003c/script>\\u003cimg src=x onerror=document.title=1>"|g' page.html
  browse "until document.querySelector('#categories tbody tr')" \
    "is document.querySelector('#process').innerText.includes('<!--<script>&\"x')" \
    "is document.querySelector('#categories').innerText.includes('</script><img src=x onerror=document.title=1>')" \
    'key 2' "until document.querySelector('g.frame')" "is document.querySelector('#flame-category').innerText.includes('<img src=x')" \
    'hover g.frame' 'key 3' "until document.querySelector('.u-over')" "is document.querySelector('.legend').innerText.includes('<img src=x')" \
    'key 4' "until document.querySelector('#sites-stack').innerText.includes('<!--<script>&\"x')" \
    "is document.querySelectorAll('img, b:not(.cell b)').length === 0 && document.title !== '1'"
}

@test "a process without samples, one that is not tracked, and one of many say what there is" {
  RATION_OPTIONS=keep=1,sample=0 LD_PRELOAD=$SHIM "$VICTIMS/meets_budgets" take:held:20 >/dev/null
  page
  browse 'key 2' "until document.querySelector('.empty').innerText.includes('sample=off')" 'key 4' "until document.querySelector('.empty').innerText.includes('No sites')"
  "$RATION" record --quiet --output t.ration -- sh -c "$VICTIMS/meets_budgets take:first:20; $VICTIMS/meets_budgets take:second:20" >/dev/null
  page t.ration
  second=$(jq -r '.processes | map(.categories | map(.name) | contains(["second"])) | index(true)' data.json)
  browse "until (document.querySelector('#process').value = '$second', document.querySelector('#process').dispatchEvent(new Event('change')), true)" \
    "until document.querySelector('#categories').innerText.includes('second')" \
    "is !document.querySelector('#categories').innerText.includes('first')"
}

@test "a process that runs is written while it runs" {
  hold '' env RATION_OPTIONS=sample=1 "LD_PRELOAD=$SHIM" "$VICTIMS/holds_blocks"
  page "$held"
  jq -e --argjson pid "$held" '.processes[0] | .pid == $pid and .state == "running" and (.sites | length > 0)' data.json
  let_go
}

@test "what cannot be is said in one line, and the file stays as it was" {
  sampled "$VICTIMS/meets_budgets" take:held:20 >/dev/null
  echo before >page.html
  refuses 2 'ration: report: --html writes a web page; leave out --json' report --html page.html --json
  refuses 2 'ration: report: shows one thing at a time; *' report --html page.html --sites
  refuses 2 'ration: report: --most is of *' report --html page.html --most 3
  refuses 2 'ration: report: --category is of *' report --html page.html --category held
  refuses 3 'ration: report: no/page.html cannot be written: No such file or directory; *' report --html no/page.html
  refuses 3 'ration: report: /dev/full cannot be written: No space left on device; *' report --html /dev/full
  refuses 3 'ration: 1: *' report --html page.html 1
  run -3 prlimit --fsize=1000 "$RATION" report --html page.html
  said 'ration: report: page.html cannot be written: File too large; *'
  [ "$(cat page.html)" = before ]
  [ -z "$(find . -name '.ration.*')" ]
}

@test "without the page, or with something else in its place, the option says how to get it" {
  sampled "$VICTIMS/meets_budgets" take:held:20 >/dev/null
  mkdir -p moved/bin moved/share/ration
  cp "$RATION" moved/bin
  RATION=$PWD/moved/bin/ration
  refuses 3 'ration: report: page.html is neither in */moved/bin/web nor in ../share/ration; `make web` builds it, with Node.js' \
    report --html page.html
  [ ! -e page.html ]
  echo something >moved/share/ration/page.html
  refuses 3 'ration: report: */moved/share/ration/page.html has no place for data; *' report --html page.html
  cp "$RATION_BUILD/web/page.html" moved/share/ration
  page
}

@test "from a server the page follows a process that runs, and tells when it has gone" {
  start_growing sample=1
  serve
  {
    printf '%s\n' 'size 1360 900' "allow $url/" "load $url/" \
      "until document.querySelector('#process').innerText.includes('grows_when_told')" \
      "until document.querySelector('#connection').innerText === 'live' && document.querySelector('#categories tfoot')" \
      'size 1000 700' "is document.querySelector('header').offsetHeight < 70" 'size 400 700' \
      'is document.documentElement.scrollWidth === 400' 'size 1360 900' \
      "until (window.before = document.querySelector('#categories tfoot').innerText, true)" "say 'ready'"
    until grep -q ready heard; do sleep 0.01; done
    order +3000000
    printf '%s\n' "until document.querySelector('#categories tfoot').innerText !== window.before" \
      'key 2' "until document.querySelector('g.frame')" 'key 4' "until document.querySelector('#sites-stack li')" \
      'click #freeze' "until document.querySelector('#connection').innerText === 'frozen'" 'click #freeze' \
      "until document.querySelector('#connection').innerText === 'live'" "say 'seen'"
    until grep -q seen heard; do sleep 0.01; done
    kill "$victim"
    rm "$RATION_DIR"/ration.*
    printf '%s\n' "until document.querySelector('#connection').innerText.includes('no longer there')" "is document.querySelector('#sites-stack li')" \
      "say 'told'"
  } | "$BATS_TEST_DIRNAME/browse.py" --ignore 404 >heard
  grep -q told heard
  end_serving
}

@test "from a server the process that is named is shown, also after a reload" {
  start_growing sample=1
  beside env "LD_PRELOAD=$SHIM" sleep 1000
  until "$RATION" list "$beside" >list 2>&1; do sleep 0.01; done
  serve
  printf '%s\n' 'size 1360 900' "allow $url/" "load $url/?pid=$beside#timeline" \
    "until document.querySelector('#process').value === '$beside' && document.title.includes('sleep $beside')" \
    "until (document.querySelector('#process').value = '$victim', document.querySelector('#process').dispatchEvent(new Event('change')), true)" \
    "until document.title.includes('grows_when_told $victim')" "is location.search === '?pid=$victim' && location.hash === '#timeline'" \
    "load $url/?pid=$victim" "until document.title.includes('grows_when_told $victim')" \
    "load $url/?pid=999999999" "until document.title.includes('grows_when_told') || document.title.includes('sleep')" |
    "$BATS_TEST_DIRNAME/browse.py" --ignore 404
  end_serving
}

@test "a server that asks for a token is given it" {
  hold '' env RATION_OPTIONS=sample=1 "LD_PRELOAD=$SHIM" "$VICTIMS/holds_blocks"
  (umask 077 && echo secret >token)
  serve --token-file token
  printf '%s\n' 'size 1360 900' "allow $url/" "load $url/" \
    "until document.querySelector('#token').open" 'click #token-words' 'type wrong' 'key Enter' \
    "until !document.querySelector('#token').open" "until document.querySelector('#token').open" \
    "until (document.querySelector('#token-words').value = 'secret', true)" 'key Enter' \
    "until document.querySelector('#categories tfoot')" "is document.querySelector('#process').innerText.includes('holds_blocks')" |
    "$BATS_TEST_DIRNAME/browse.py" --ignore 401
  end_serving
}
