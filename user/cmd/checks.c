// SPDX-License-Identifier: GPL-2.0-only
/* checks.c - one function a check: it only looks, and tells what it could not see. */
#include "cmd/checks.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/escape.h"
#include "keeper/kernel_has.h"
#include "keeper/launch.h"
#include "keeper/privilege.h"
#include "keeper/keeper.h"

#define KERNEL_LEAST_MAJOR 5
#define KERNEL_LEAST_MINOR 10 /* the oldest that it is tried on; BPF ring buffers came in 5.8 */

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "ok", "slower", "not seen", "missing" };

	return names[verdict];
}

static void say(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void fix(struct finding *finding, enum verdict verdict, const char *how)
{
	finding->verdict = verdict;
	snprintf(finding->fix, sizeof(finding->fix), "%s", how);
}

static void say(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->found, sizeof(finding->found), format, args);
	va_end(args);
}

/* The first line of a small file; 0 or -errno. */
static int read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	*line = '\0';
	if (!file)
		return -errno;
	if (!fgets(line, (int)size, file) && ferror(file))
		err = -EIO;
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return err;
}

/* Show what stands in a file of /proc; without it, why not. */
static int say_file(struct finding *finding, const char *path)
{
	char line[128];
	int err = read_line(path, line, sizeof(line));

	if (err)
		say(finding, "%s: %s", path, strerror(-err));
	else
		say(finding, "%s", line);
	if (err)
		fix(finding, VERDICT_UNSEEN,
		    err == -EACCES ? "look as root: sudo swtch doctor" : "");
	return err;
}

static void look_kernel(struct finding *finding)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		say(finding, "no version of the form 5.10");
		fix(finding, VERDICT_UNSEEN, "");
		return;
	}
	say(finding, "%.100s", name.release);
	if (major < KERNEL_LEAST_MAJOR ||
	    (major == KERNEL_LEAST_MAJOR && minor < KERNEL_LEAST_MINOR))
		fix(finding, VERDICT_MISSING, "boot a newer kernel of your distribution");
}

static void look_architecture(struct finding *finding)
{
	struct utsname name;

	if (uname(&name))
		name.machine[0] = '\0';
	say(finding, "%.60s", name.machine);
	if (strcmp(name.machine, "x86_64") != 0 && strcmp(name.machine, "aarch64") != 0)
		fix(finding, VERDICT_MISSING, "use a machine of one of these");
}

/* The kernel's types, or NULL; what libbpf says to that is said by look_btf(). */
static struct btf *load_types(void)
{
	libbpf_set_print(NULL);
	return btf__load_vmlinux_btf();
}

static void look_btf(struct finding *finding)
{
	struct btf *btf;

	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		say(finding, "/sys/kernel/btf/vmlinux: %s", strerror(errno));
		fix(finding, VERDICT_MISSING,
		    "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (Debian's and Ubuntu's are)");
		return;
	}
	btf = load_types();
	if (!btf) {
		say(finding, "/sys/kernel/btf/vmlinux cannot be read: %s", strerror(errno));
		fix(finding, VERDICT_MISSING, "install a newer libbpf");
		return;
	}
	say(finding, "/sys/kernel/btf/vmlinux, %u types", btf__type_cnt(btf));
	btf__free(btf);
}

/* A typedef btf_trace_X stands in BTF for each tracepoint X that tp_btf can attach to. */
static void look_tracepoints(struct finding *finding)
{
	static const char *const names[] = { "sched_switch",	   "sched_waking",
					     "sched_wakeup_new",   "sched_migrate_task",
					     "sched_process_exec", "sched_process_exit",
					     "task_newtask",	   "task_rename" };
	const unsigned n = sizeof(names) / sizeof(*names);
	struct btf *btf = load_types();
	char typedef_name[64], missing[96] = "";
	unsigned n_found = 0;

	for (unsigned i = 0; btf && i < n; i++) {
		snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", names[i]);
		if (btf__find_by_name_kind(btf, typedef_name, BTF_KIND_TYPEDEF) > 0)
			n_found++;
		else if (!*missing)
			snprintf(missing, sizeof(missing), ", without %s", names[i]);
	}
	btf__free(btf);
	say(finding, "%u of %u%s", n_found, n, missing);
	if (n_found < n)
		fix(finding, VERDICT_MISSING,
		    "boot a kernel with BTF and CONFIG_TRACEPOINTS=y (see BTF above)");
}

/* What the switch hook reads instead of asking helpers: see bpf/compat.bpf.h. */
static void look_fast_path(struct finding *finding)
{
	struct btf *btf = load_types();
	bool has_both = btf && kernel_has_scheduler_clock(btf);

	btf__free(btf);
	say(finding, "waiting times and run queue clock: %s", has_both ? "yes" : "no");
	if (!btf)
		fix(finding, VERDICT_UNSEEN, "needs BTF, see above");
	else if (!has_both)
		fix(finding, VERDICT_SLOWER,
		    "a hook costs more here; a kernel with CONFIG_SCHED_INFO=y and "
		    "CONFIG_FAIR_GROUP_SCHED=y has both");
}

static void look_bpf(struct finding *finding)
{
	/* No command has this number: EINVAL or EPERM from a kernel that has the call. */
	if (syscall(SYS_bpf, -1, NULL, 0) < 0 && errno == ENOSYS) {
		say(finding, "no such system call");
		fix(finding, VERDICT_MISSING, "boot a kernel built with CONFIG_BPF_SYSCALL=y");
		return;
	}
	say(finding, "bpf(2) is there");
}

static void look_jit(struct finding *finding)
{
	if (say_file(finding, "/proc/sys/net/core/bpf_jit_enable"))
		return;
	if (!strcmp(finding->found, "0"))
		fix(finding, VERDICT_SLOWER, "sudo sysctl net.core.bpf_jit_enable=1");
}

static void look_privilege(struct finding *finding)
{
	char missing[32];

	privilege_missing(missing, sizeof(missing));
	if (*missing)
		say(finding, "user %u, without %s", (unsigned)geteuid(), missing);
	else
		say(finding, "user %u, may load probes", (unsigned)geteuid());
	if (*missing)
		fix(finding, VERDICT_MISSING,
		    "sudo swtch; or once sudo setcap cap_bpf,cap_perfmon,cap_sys_ptrace=ep SWTCH, for "
		    "whoever may execute it");
}

static void look_others(struct finding *finding)
{
	bool sees = privilege_sees_others();

	say(finding, "%s CAP_SYS_PTRACE", sees ? "with" : "without");
	if (!sees)
		fix(finding, VERDICT_UNSEEN,
		    "of processes of others only switches and times are known: sudo swtch");
}

static void look_namespace(struct finding *finding)
{
	struct stat ns;

	if (stat("/proc/self/ns/pid", &ns)) {
		say(finding, "/proc/self/ns/pid: %s", strerror(errno));
		fix(finding, VERDICT_UNSEEN, "");
	} else if (ns.st_ino != INITIAL_PID_NS) {
		say(finding, "another (a container)");
		fix(finding, VERDICT_MISSING, "run swtch on the host");
	} else {
		say(finding, "the first");
	}
}

/* Confidentiality forbids BPF to read kernel memory; integrity does not. */
static void look_lockdown(struct finding *finding)
{
	static const char path[] = "/sys/kernel/security/lockdown";
	char line[128];
	int err = read_line(path, line, sizeof(line));

	if (err == -ENOENT)
		say(finding, "none (no %s)", path);
	else if (err)
		say_file(finding, path);
	else
		say(finding, "%s", line);
	if (!err && strstr(line, "[confidentiality]"))
		fix(finding, VERDICT_MISSING,
		    "boot without lockdown=confidentiality (secure boot alone asks for integrity)");
}

/* The proof: what `swtch` does first. */
static void look_probes(struct finding *finding)
{
	struct probes_wish wish = { false };
	struct probes_facts facts;
	struct error error;
	struct probes *probes;
	enum verdict verdict = VERDICT_MISSING;

	look_privilege(finding);
	if (finding->verdict) {
		say(finding, "not tried without the privilege");
		fix(finding, VERDICT_UNSEEN, "look as root: sudo swtch doctor");
		return;
	}
	probes = probes_open(&wish, &facts, &error);
	if (!probes) {
		say(finding, "%.250s", error.text);
		fix(finding, verdict, "see the lines above that are not ok");
		return;
	}
	say(finding, "loaded and attached on %u CPUs, %s clock, %s", facts.n_cpus,
	    facts.plain_clock ? "plain" : "run queue's",
	    facts.plain_bytes ? "the kernel's ring buffer" : "rings of its own");
	probes_free(probes);
}

static void look_unprivileged(struct finding *finding)
{
	say_file(finding, "/proc/sys/kernel/unprivileged_bpf_disabled");
}

static void look_paranoid(struct finding *finding)
{
	say_file(finding, "/proc/sys/kernel/perf_event_paranoid");
}

static void say_limit(struct finding *finding, int resource, const char *unit)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)resource, &limit))
		say(finding, "%s", strerror(errno));
	else if (limit.rlim_cur == RLIM_INFINITY)
		say(finding, "no limit");
	else
		say(finding, "%llu%s", (unsigned long long)limit.rlim_cur, unit);
}

/* Since 5.11 maps are charged to the cgroup; before, root raises the limit itself. */
static void look_memlock(struct finding *finding)
{
	say_limit(finding, RLIMIT_MEMLOCK, " bytes");
}

static void look_nproc(struct finding *finding)
{
	say_limit(finding, RLIMIT_NPROC, "");
}

static void look_nofile(struct finding *finding)
{
	struct rlimit limit;

	say_limit(finding, RLIMIT_NOFILE, "");
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < 256)
		fix(finding, VERDICT_MISSING, "ulimit -n 1024");
}

static void look_pid_max(struct finding *finding)
{
	say_file(finding, "/proc/sys/kernel/pid_max");
}

static void look_threads_max(struct finding *finding)
{
	say_file(finding, "/proc/sys/kernel/threads-max");
}

static void look_map_count(struct finding *finding)
{
	say_file(finding, "/proc/sys/vm/max_map_count");
}

/* Where ncurses looks for descriptions of terminals: terminfo(5). */
static bool terminfo_has(const char *term)
{
	static const char *const places[] = { "/etc/terminfo", "/lib/terminfo",
					      "/usr/share/terminfo", "/usr/lib/terminfo" };
	const char *own = getenv("TERMINFO"), *home = getenv("HOME");
	char path[512];

	if (!*term || strchr(term, '/'))
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%c/%s", places[i], *term, term);
		if (!access(path, R_OK))
			return true;
	}
	snprintf(path, sizeof(path), "%s/%c/%s", own ? own : "", *term, term);
	if (own && !access(path, R_OK))
		return true;
	snprintf(path, sizeof(path), "%s/.terminfo/%c/%s", home ? home : "", *term, term);
	return home && !access(path, R_OK);
}

static void look_terminal(struct finding *finding)
{
	const char *set = getenv("TERM"), *no_color = getenv("NO_COLOR");
	const char *term = set ? set : "";
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	char shown[64];

	escape_name(shown, sizeof(shown), term);
	say(finding, "TERM=%s, %s%s%s", shown, utf8 ? "UTF-8" : "ASCII",
	    no_color && *no_color ? ", NO_COLOR" : "",
	    isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? "" : ", not on a terminal now");
	if (!terminfo_has(term))
		fix(finding, VERDICT_UNSEEN,
		    "only the live view needs it: run it on a terminal, with TERM set to one that "
		    "`toe -a` lists, like xterm");
	else if (!utf8)
		fix(finding, VERDICT_OK, "finer bars with LC_ALL=C.UTF-8");
}

static void look_runner(struct finding *finding)
{
	int fd = launch_find_runner();
	char link[64], path[128];
	ssize_t n;

	if (fd < 0) {
		say(finding, "%s", strerror(-fd));
		fix(finding, VERDICT_MISSING, "make, or make install: swtch-lab goes beside swtch");
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	escape_name(finding->found, sizeof(finding->found), path);
	close(fd);
}

static void look_user(struct finding *finding)
{
	struct identity identity;
	struct error error;

	if (identity_lab(&identity, NULL, &error)) {
		say(finding, "%.250s", error.text);
		fix(finding, VERDICT_MISSING, "name one with --user NAME");
		return;
	}
	say(finding, "%s", identity.name);
}

const struct check checks[] = {
	{ "kernel", "5.10 or later", look_kernel },
	{ "architecture", "x86_64 or aarch64", look_architecture },
	{ "BPF", "CONFIG_BPF_SYSCALL", look_bpf },
	{ "BTF", "the kernel's types", look_btf },
	{ "tracepoints", "8 with BTF (tp_btf)", look_tracepoints },
	{ "PID namespace", "the host's", look_namespace },
	{ "lockdown", "not confidentiality", look_lockdown },
	{ "privilege", "root, or CAP_BPF + CAP_PERFMON", look_privilege },
	{ "others' memory", "root, or CAP_SYS_PTRACE", look_others },
	{ "probes", "load and attach", look_probes },
	{ "lab runner", "swtch-lab", look_runner },
	{ "lab user", "anyone but root", look_user },
	{ "scheduler data", "for the cheapest hook", look_fast_path },
	{ "BPF JIT", "1", look_jit },
	{ "terminal", "for the live view", look_terminal },
	{ "open files", "256", look_nofile },
	{ "processes", "as --tasks asks", look_nproc },
	{ "pid_max", "as --tasks asks", look_pid_max },
	{ "threads-max", "as --tasks asks", look_threads_max },
	{ "max_map_count", "2 for each coroutine", look_map_count },
	{ "locked memory", "root raises it", look_memlock },
	{ "unprivileged BPF", "any: not used", look_unprivileged },
	{ "perf_event", "any: not used", look_paranoid },
	{ NULL, NULL, NULL },
};
