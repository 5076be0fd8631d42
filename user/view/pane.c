// SPDX-License-Identifier: GPL-2.0-only
/* pane.c - a terminal that knows lines, tabs, backspace and carriage return, and skips the rest. */
#include "view/pane.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TAB 8

/* Where in an escape sequence we are: ECMA-48, 5.4 and 5.6. */
enum parse {
	PARSE_TEXT,
	PARSE_ESCAPE,	     /* behind ESC */
	PARSE_INTERMEDIATE,  /* ESC and 0x20 to 0x2f: one more byte follows */
	PARSE_CONTROL,	     /* behind ESC [, up to a byte from 0x40 */
	PARSE_STRING,	     /* behind ESC ] and the like, up to BEL or ESC \ */
	PARSE_STRING_ESCAPE, /* an ESC in it */
};

struct pane {
	pthread_mutex_t lock;
	enum parse parse;
	bool restarts; /* the next character begins the line anew */
	bool is_open;  /* the last line is being written */
	size_t length; /* of it, in bytes */
	uint64_t n;    /* lines ever begun */
	char lines[N_PANE_LINES][PANE_BYTES];
};

struct pane *pane_new(void)
{
	struct pane *pane = calloc(1, sizeof(*pane));

	if (pane)
		pthread_mutex_init(&pane->lock, NULL);
	return pane;
}

void pane_free(struct pane *pane)
{
	if (!pane)
		return;
	pthread_mutex_destroy(&pane->lock);
	free(pane);
}

static char *last_line(struct pane *pane)
{
	return pane->lines[(pane->n - 1) % N_PANE_LINES];
}

static void open_line(struct pane *pane)
{
	pane->n++;
	pane->length = 0;
	pane->is_open = true;
	pane->restarts = false;
	last_line(pane)[0] = '\0';
}

static bool continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80; /* not the first of a UTF-8 character */
}

static void put(struct pane *pane, unsigned char byte)
{
	bool is_full = pane->length > PANE_BYTES - 5 && !continues(byte);

	if (!pane->is_open || is_full || pane->length == PANE_BYTES - 1)
		open_line(pane);
	if (pane->restarts)
		pane->length = 0;
	pane->restarts = false;
	last_line(pane)[pane->length++] = (char)byte;
	last_line(pane)[pane->length] = '\0';
}

static void take_back(struct pane *pane)
{
	char *line;

	if (!pane->is_open || !pane->length)
		return;
	line = last_line(pane);
	while (--pane->length && continues((unsigned char)line[pane->length]))
		continue;
	line[pane->length] = '\0';
}

static void take_text(struct pane *pane, unsigned char byte)
{
	switch (byte) {
	case '\n':
		if (!pane->is_open)
			open_line(pane);
		pane->is_open = false;
		break;
	case '\r':
		pane->restarts = true;
		break;
	case '\b':
		take_back(pane);
		break;
	case '\t':
		do
			put(pane, ' ');
		while (pane->length % TAB);
		break;
	case 0x1b:
		pane->parse = PARSE_ESCAPE;
		break;
	default:
		if (byte >= 0x20 && byte != 0x7f)
			put(pane, byte);
	}
}

static enum parse after_escape(unsigned char byte)
{
	if (byte == '[')
		return PARSE_CONTROL;
	if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_')
		return PARSE_STRING;
	return byte >= 0x20 && byte <= 0x2f ? PARSE_INTERMEDIATE : PARSE_TEXT;
}

static void take(struct pane *pane, unsigned char byte)
{
	switch (pane->parse) {
	case PARSE_TEXT:
		take_text(pane, byte);
		break;
	case PARSE_ESCAPE:
		pane->parse = after_escape(byte);
		break;
	case PARSE_INTERMEDIATE:
		pane->parse = PARSE_TEXT;
		break;
	case PARSE_CONTROL:
		if (byte >= 0x40 && byte <= 0x7e)
			pane->parse = PARSE_TEXT;
		break;
	case PARSE_STRING:
		if (byte == 0x07)
			pane->parse = PARSE_TEXT;
		else if (byte == 0x1b)
			pane->parse = PARSE_STRING_ESCAPE;
		break;
	case PARSE_STRING_ESCAPE:
		pane->parse = byte == '\\' ? PARSE_TEXT : PARSE_STRING;
		break;
	}
}

void pane_add(struct pane *pane, const char *bytes, size_t n)
{
	pthread_mutex_lock(&pane->lock);
	for (size_t i = 0; i < n; i++)
		take(pane, (unsigned char)bytes[i]);
	pthread_mutex_unlock(&pane->lock);
}

void pane_clear(struct pane *pane)
{
	pthread_mutex_lock(&pane->lock);
	pane->parse = PARSE_TEXT;
	pane->is_open = pane->restarts = false;
	pane->n = 0;
	pane->length = 0;
	pthread_mutex_unlock(&pane->lock);
}

uint64_t pane_n_lines(struct pane *pane)
{
	uint64_t n;

	pthread_mutex_lock(&pane->lock);
	n = pane->n;
	pthread_mutex_unlock(&pane->lock);
	return n;
}

bool pane_line(struct pane *pane, uint64_t number, char line[PANE_BYTES])
{
	bool is_there;

	pthread_mutex_lock(&pane->lock);
	is_there = number < pane->n && pane->n - number <= N_PANE_LINES;
	if (is_there)
		memcpy(line, pane->lines[number % N_PANE_LINES], PANE_BYTES);
	pthread_mutex_unlock(&pane->lock);
	return is_there;
}
