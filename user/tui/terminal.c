// SPDX-License-Identifier: GPL-2.0-only
/*
 * terminal.c - ncurses set up so that it never waits, never exits by itself, and leaves no trace.
 *
 * Signals write a byte into a pipe, and terminal_wait() sleeps on that pipe and on the keyboard. A
 * handler (not a blocked mask) is used because a mask would be inherited by what we execute.
 */
#include "tui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "tui/curses.h"
#include "tui/guard.h"

#define ESCAPE_MS      25 /* a lone Escape is known to be one after this */
#define RESTORE_BYTES  256
#define N_SILENT_READS 20 /* "there is input" without any so often in a row: nobody is there */

struct terminal {
	SCREEN *screen;
	bool ascii;
	unsigned n_silent;
	bool holds_keys; /* ncurses may, which it read or was told of */
	struct look looks[N_ROLES];
	struct grid shown;
	struct sigaction before[4];
	struct guard guard;
};

static const int signals[] = { SIGWINCH, SIGINT, SIGTERM, SIGHUP };
#define N_SIGNALS (sizeof(signals) / sizeof(*signals))

static int wake_pipe[2] = { -1, -1 }; /* written by the handler, which knows nothing else */

static void on_signal(int signal)
{
	int err = errno;
	char byte = (char)signal;

	/* A full pipe means that plenty is waiting to be read already. */
	if (write(wake_pipe[1], &byte, 1) < 0)
		errno = err;
	errno = err;
}

static int catch_signals(struct terminal *terminal)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(signals[i], &action, &terminal->before[i]);
	return 0;
}

static void release_signals(struct terminal *terminal)
{
	if (wake_pipe[0] < 0)
		return;
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(signals[i], &terminal->before[i], NULL);
	close(wake_pipe[0]);
	close(wake_pipe[1]);
	wake_pipe[0] = wake_pipe[1] = -1;
}

int terminal_check(struct error *error)
{
	const char *term = getenv("TERM");
	bool can_place;
	int reason = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(
			error, ENOTTY,
			"the live view needs a terminal on stdin and stdout (try swtch stat or "
			"swtch log)");
	if (!term || !*term)
		return error_set(error, EINVAL, "TERM is not set (try TERM=xterm)");
	if (setupterm(NULL, STDOUT_FILENO, &reason) == ERR)
		return error_set(error, EINVAL,
				 "terminal type \"%.40s\" is not known here (try TERM=xterm, or "
				 "install ncurses-term)",
				 term);
	can_place = cursor_address && clear_screen;
	del_curterm(cur_term); /* newterm() reads its own */
	if (!can_place)
		return error_set(error, EINVAL,
				 "terminal type \"%.40s\" cannot place its cursor (try TERM=xterm)",
				 term);
	return 0;
}

/* Without flow control: Ctrl-S would stop our writes, and with them the reading of events. */
static void set_modes(void)
{
	struct termios modes;

	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	if (!tcgetattr(STDIN_FILENO, &modes)) {
		modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
		def_prog_mode();
	}
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	curs_set(0);
}

/* What endwin() would write, for the guard: out of the alternate screen, the cursor, plain letters. */
static void set_guard(struct terminal *terminal, const struct termios *modes)
{
	const char *const words[] = { exit_attribute_mode, keypad_local, cursor_normal,
				      exit_ca_mode, carriage_return };
	char restore[RESTORE_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t length = words[i] ? strlen(words[i]) : 0;

		if (n + length > sizeof(restore))
			continue;
		if (length)
			memcpy(restore + n, words[i], length);
		n += length;
	}
	terminal->guard = guard_start(modes, restore, n);
}

struct terminal *terminal_new(const struct terminal_wishes *wishes, struct error *error)
{
	struct terminal *terminal;
	const char *no_color = getenv("NO_COLOR");
	struct termios modes;
	bool colors;

	setlocale(LC_CTYPE, "");
	if (terminal_check(error))
		return NULL;
	terminal = calloc(1, sizeof(*terminal));
	if (!terminal || catch_signals(terminal)) {
		error_set(error, errno, "cannot watch the terminal: %s", strerror(errno));
		free(terminal);
		return NULL;
	}
	terminal->guard.fd = -1;
	tcgetattr(STDIN_FILENO, &modes);
	terminal->screen = newterm(NULL, stdout, stdin);
	if (!terminal->screen) {
		error_set(error, EIO, "cannot draw on this terminal (try TERM=xterm)");
		terminal_free(terminal);
		return NULL;
	}
	set_modes();
	set_guard(terminal, &modes);
	terminal->ascii = wishes->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	colors = !wishes->no_color && !(no_color && *no_color) && has_colors();
	if (colors) {
		start_color();
		use_default_colors();
	}
	theme_init(terminal->looks, colors ? COLORS : 0);
	return terminal;
}

void terminal_free(struct terminal *terminal)
{
	if (!terminal)
		return;
	if (terminal->screen) {
		endwin();
		delscreen(terminal->screen);
	}
	guard_end(&terminal->guard);
	release_signals(terminal);
	grid_fini(&terminal->shown);
	free(terminal);
}

void terminal_size(const struct terminal *terminal, unsigned *n_rows, unsigned *n_columns)
{
	(void)terminal;
	*n_rows = LINES > 0 ? (unsigned)LINES : 1;
	*n_columns = COLS > 0 ? (unsigned)COLS : 1;
}

bool terminal_is_ascii(const struct terminal *terminal)
{
	return terminal->ascii;
}

void terminal_paint(struct terminal *terminal, const struct grid *grid)
{
	paint_grid(grid, &terminal->shown, terminal->looks);
}

void terminal_repaint(struct terminal *terminal)
{
	grid_fini(&terminal->shown);
	clearok(curscr, TRUE);
}

static void resize(struct terminal *terminal)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	resizeterm(size.ws_row, size.ws_col);
	terminal->holds_keys = true; /* KEY_RESIZE */
	terminal_repaint(terminal);
}

static enum terminal_event read_signal(struct terminal *terminal)
{
	enum terminal_event event = TERMINAL_TICK;
	char byte;

	while (read(wake_pipe[0], &byte, 1) == 1) {
		if (byte != SIGWINCH)
			return TERMINAL_SIGNAL;
		resize(terminal);
		event = TERMINAL_RESIZED;
	}
	return event;
}

/*
 * A key that ncurses has already, or one that can be read without waiting. Not to be called without either:
 * ncurses measures by the clock of the day, and when that is set back in there it waits for as long as it
 * went back (_nc_timed_wait()). What follows an Escape, and makes no key with it, it keeps.
 */
static bool read_key(struct terminal *terminal, char32_t *key)
{
	wint_t code;
	int kind = get_wch(&code);

	terminal->holds_keys = kind == OK && code == 0x1b;
	if (kind == ERR)
		return false;
	*key = key_translate(code, kind == KEY_CODE_YES);
	return true;
}

enum terminal_event terminal_wait(struct terminal *terminal, int timeout_ms, char32_t *key)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = wake_pipe[0], .events = POLLIN } };
	enum terminal_event event;

	if (terminal->holds_keys && read_key(terminal, key))
		return TERMINAL_KEY;
	if (poll(fds, 2, timeout_ms) <= 0)
		return TERMINAL_TICK; /* or a signal, whose byte the next call finds */
	if (fds[1].revents) {
		event = read_signal(terminal);
		if (event != TERMINAL_TICK)
			return event;
	}
	if (fds[0].revents & POLLIN && read_key(terminal, key)) {
		terminal->n_silent = 0;
		return TERMINAL_KEY;
	}
	if (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
		return TERMINAL_GONE;
	if (fds[0].revents && ++terminal->n_silent > N_SILENT_READS)
		return TERMINAL_GONE;
	return TERMINAL_TICK;
}
