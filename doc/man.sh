#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# man.sh - the manual page swtch(1), whose verbs and options are what the program says of itself.
#
#   doc/man.sh SWTCH           roff on standard output
set -eu
swtch=$1

# Text of ours in roff: nothing in it is a command or an escape, and a minus can be copied.
plain() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"; }

verb_names() { "$swtch" help | sed -nE 's/^  ([a-z]+)  +[A-Z].*/\1/p'; }

# For each verb: how it is called, and what it does.
verbs() {
	local verb

	for verb in $(verb_names); do
		"$swtch" help "$verb" | plain | awk '
			NR == 1 { sub(/^usage: /, ""); print ".TP"; print ".B " $0 }
			NR == 3 { print }'
	done
}

# Each option once: its heading, its words, and the verbs that have it.
options() {
	local verb

	for verb in $(verb_names); do
		"$swtch" help "$verb" | sed -nE "s/^  (-[A-Za-z], |    )(--[a-z-]+)( [^ ]+)? +(.*)/$verb|\1|\2|\3|\4/p"
	done | plain | awk -F'|' '
		!($3 in heading) {
			letter = $2; gsub(/ /, "", letter); gsub(/,/, ", ", letter)
			heading[$3] = ".BR " (letter == "" ? "" : "\"" letter "\" ") $3 ($4 == "" ? "" : " \\~\\fI" substr($4, 2) "\\fP")
			says[$3] = $5
			order[++n] = $3
		}
		{ of[$3] = of[$3] (of[$3] == "" ? "" : ", ") $1 }
		END {
			for (i = 1; i <= n; i++)
				printf ".TP\n%s\n%s.\n(%s)\n", heading[order[i]], says[order[i]], of[order[i]]
		}'
}

cat <<END
.\\" Made by doc/man.sh from what the program says of itself.
.TH SWTCH 1 "" "swtch $("$swtch" --version | sed 's/.* //')" "User Commands"
.SH NAME
swtch \\- see every context switch of processes, threads and coroutines
.SH SYNOPSIS
.B swtch
.RI [ VERB ]
.RI [ OPTIONS ]
.RB [ \\-p
.IR PID |\\c
.B \\-\\-cgroup
.IR PATH |\\c
.BR \\-a |\\c
.B \\-\\-
.IR CMD ...]
.SH DESCRIPTION
.B swtch
shows what the Linux kernel does for a concurrent program, switch by switch, live and for each CPU: who ran, who
waited, who left and why.
It runs the same job as processes, as threads and as coroutines, or watches a command, processes that run, a cgroup
or the whole machine, with eBPF programs in the scheduler, and holds its counts against the kernel's own for every task
that ends.
.PP
Without a verb it is
.BR "swtch live" :
a full-screen view, which explains itself
.RB ( F1 ).
Watching needs root or the capabilities that
.B swtch doctor
names; looking at recordings does not.
As soon as the probes are attached, all but one small process give up every privilege; commands run as the user who
called, tasks of the lab never as root.
.PP
A command is held until the probes are on.
Results go to standard output (for a command to standard error, as its output is its own), everything else to standard
error.
.SH VERBS
$(verbs)
.SH OPTIONS
Behind each stand the verbs that take it.
$(options)
.SH EXIT STATUS
0 success, 1 failure, 2 usage; with
.B \\-\\-
.I CMD
the command's own (128 + signal when it was killed).
.SH ENVIRONMENT
.TP
.BR SUDO_UID ", " SUDO_GID
Who called, when root runs it: views, files and commands are theirs.
.TP
.BR NO_COLOR
No colours.
.TP
.B TMPDIR
Where recordings in other formats are kept while they are read.
.TP
.B SWTCH_MARKS
Set for commands, so that programs that mark their coroutines with
.I swtch_marks.h
begin at once.
.SH SIGNALS
.TP
.BR SIGINT ", " SIGTERM ", " SIGHUP
End the run, and report what was seen until then.
.TP
.B SIGUSR2
.B swtch record \\-\\-ring
writes what it has.
.SH EXAMPLES
.TP
.B sudo swtch
Processes, threads and coroutines do the same work, side by side.
.TP
.B sudo swtch stat \\-\\- make \\-j4
A command with all its children, to the last switch.
.TP
.B sudo swtch stat \\-\\-latency \\-p 812 \\-d 10
Where the time of a process goes, and who wakes whom.
.TP
.B sudo swtch record \\-\\-ring 30s \\-\\- ./server
The last 30 seconds of it, which
.B swtch replay
and Perfetto's viewer open.
.SH NOTES
What is traced, who is trusted with what, and the tests of it are in
.IR SECURITY.md ;
the names in JSON are in
.IR doc/json.md .
.SH SEE ALSO
.BR perf\\-sched (1),
.BR bpftool (8),
.BR proc (5),
.BR sched (7)
END
