# What must not change of a recording: a line for each figure.
def frames: [.frames[:3][] | .function // "\(.module)+\(.offset)"] | join(" < ");
.processes[] | "\(.program) \(.pid).\(.image)" as $who
| ("\($who) state \(.state) \(.exit_status) \(.signal)",
   "\($who) session \(.session) parent \(.parent) started \(.started_at)",
   "\($who) uptime \(.uptime_seconds)",
   (.total | to_entries[] | "\($who) total.\(.key) \(.value)"),
   (.categories[] | "\($who) category \(.name) \(.live_bytes) \(.peak_bytes) \(.allocations) \(.frees)"),
   (.budgets[] | "\($who) budget \(.category) \(.limit_bytes) \(.level) \(.breaches) \(.worst_bytes)"),
   (.memory // {} | to_entries[] | "\($who) memory.\(.key) \(.value)"),
   (.events // [] | .[] | "\($who) event \(.at_seconds) \(.kind) \(.category) \(.level)"),
   (.by_thread // [] | .[] | "\($who) thread \(.tid) \(.name) \(.allocations) \(.allocated_bytes)"),
   (.timeline // [] | .[] | "\($who) point \(.seconds) \(.live_bytes)"),
   (.size_histogram // [] | .[] | "\($who) size \(.category) \(.up_to_bytes) \(.blocks) \(.live_blocks)"),
   (.largest // [] | .[] | "\($who) block \(.bytes) \(.category) \(.age_seconds) \(frames)"),
   (.largest_before // [] | .[] | "\($who) before \(.bytes) \(.category) \(.first_at_seconds) \(.last_at_seconds) \(.moments) \(frames)"),
   (.leaks // [] | .[] | "\($who) leak \(.bytes) \(.blocks) \(frames)"),
   (.sites // [] | .[] | "\($who) site \(.category) \(.live_bytes) \(.total_bytes) \(.samples) \(.largest_bytes) \(frames)"))
