// SPDX-License-Identifier: GPL-2.0-only
/*
 * returns.c - lengths of x86-64 instructions: Intel's manual, volume 2, chapter 2 and the opcode maps of
 * appendix A. What compilers write for C without vectors is known; the rest is refused.
 */
#include "keeper/returns.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* What follows an opcode. */
enum {
	NONE,
	MODRM = 1,
	BYTE = 2,    /* an immediate of 8 bits */
	WORD = 4,    /* of 32, or 16 with the prefix 66 */
	QUAD = 8,    /* of 64 if REX.W, else as WORD */
	GROUP = 16,  /* F6, F7: an immediate only with /0 and /1 */
	NEAR = 32,   /* a jump by 8 bits */
	FAR = 64,    /* by 32 */
	REFUSE = 128 /* not valid, or never written by a compiler */
};

#define R4(x)  x, x, x, x
#define R8(x)  R4(x), R4(x)
#define R16(x) R8(x), R8(x)
#define ALU    R4(MODRM), BYTE, WORD, REFUSE, REFUSE

static const uint8_t one_byte[256] = {
	/* 00 */ ALU,
	ALU,
	ALU,
	ALU,
	ALU,
	ALU,
	ALU,
	ALU,
	/* 40: REX, taken before */ R16(REFUSE),
	/* 50 */ R16(NONE),
	/* 60 */ REFUSE,
	REFUSE,
	REFUSE,
	MODRM,
	R4(REFUSE),
	/* 68 */ WORD,
	MODRM | WORD,
	BYTE,
	MODRM | BYTE,
	R4(REFUSE),
	/* 70 */ R16(NEAR),
	/* 80 */ MODRM | BYTE,
	MODRM | WORD,
	REFUSE,
	MODRM | BYTE,
	R4(MODRM),
	/* 88 */ R8(MODRM),
	/* 90 */ R8(NONE),
	NONE,
	NONE,
	REFUSE,
	NONE,
	R4(NONE),
	/* a0 */ R4(REFUSE),
	R4(NONE),
	BYTE,
	WORD,
	R4(NONE),
	NONE,
	NONE,
	/* b0 */ R8(BYTE),
	R8(QUAD),
	/* c0 */ MODRM | BYTE,
	MODRM | BYTE,
	REFUSE,
	NONE,
	REFUSE,
	REFUSE,
	MODRM | BYTE,
	MODRM | WORD,
	/* c8 */ REFUSE,
	NONE,
	REFUSE,
	REFUSE,
	NONE,
	REFUSE,
	REFUSE,
	REFUSE,
	/* d0 */ R4(MODRM),
	R4(REFUSE),
	R8(MODRM),
	/* e0 */ R4(REFUSE),
	R4(REFUSE),
	FAR,
	FAR,
	REFUSE,
	NEAR,
	R4(REFUSE),
	/* f0: prefixes, taken before */ R4(REFUSE),
	NONE,
	NONE,
	MODRM | GROUP | BYTE,
	MODRM | GROUP | WORD,
	/* f8 */ R4(NONE),
	NONE,
	NONE,
	MODRM,
	MODRM
};

/* Behind 0F. */
static const uint8_t two_bytes[256] = {
	/* 00 */ R4(REFUSE),
	REFUSE,
	NONE,
	REFUSE,
	REFUSE,
	REFUSE,
	REFUSE,
	REFUSE,
	NONE,
	REFUSE,
	MODRM,
	REFUSE,
	REFUSE,
	/* 10 */ R16(MODRM),
	/* 20 */ R8(REFUSE),
	R8(MODRM),
	/* 30 */ REFUSE,
	NONE,
	R4(REFUSE),
	REFUSE,
	REFUSE,
	R8(REFUSE),
	/* 40 */ R16(MODRM),
	/* 50 */ R16(MODRM),
	/* 60 */ R16(MODRM),
	/* 70 */ R4(MODRM | BYTE),
	R4(MODRM),
	R8(MODRM),
	/* 80 */ R16(FAR),
	/* 90 */ R16(MODRM),
	/* a0 */ REFUSE,
	REFUSE,
	NONE,
	MODRM,
	MODRM | BYTE,
	MODRM,
	REFUSE,
	REFUSE,
	/* a8 */ REFUSE,
	REFUSE,
	REFUSE,
	MODRM,
	MODRM | BYTE,
	MODRM,
	MODRM,
	MODRM,
	/* b0 */ R8(MODRM),
	MODRM,
	REFUSE,
	MODRM | BYTE,
	MODRM,
	R4(MODRM),
	/* c0 */ MODRM,
	MODRM,
	MODRM | BYTE,
	MODRM,
	MODRM | BYTE,
	MODRM | BYTE,
	MODRM | BYTE,
	MODRM,
	R8(NONE),
	/* d0 */ R16(MODRM),
	/* e0 */ R16(MODRM),
	/* f0 */ R16(MODRM)
};

struct instruction {
	size_t length;
	uint8_t rex, opcode, modrm;
	bool is_long; /* the opcode stands behind 0F */
	bool returns, jumps;
	int64_t distance; /* of a jump, from the instruction's end */
};

/* Bytes of what ModRM asks for, itself included; 0: they are not all there. */
static size_t modrm_bytes(const uint8_t *at, size_t left)
{
	unsigned mode, place;
	size_t n = 1;

	if (!left)
		return 0;
	mode = at[0] >> 6;
	place = at[0] & 7;
	if (mode == 3)
		return n;
	if (place == 4) { /* with SIB */
		if (left < 2)
			return 0;
		n++;
		if (!mode && (at[1] & 7) == 5)
			n += 4;
	}
	if (mode == 1)
		n++;
	else if (mode == 2 || (!mode && place == 5))
		n += 4;
	return n;
}

static size_t immediate_bytes(unsigned follows, bool is_short, bool is_wide)
{
	size_t n = 0;

	if (follows & (BYTE | NEAR))
		n += 1;
	if (follows & WORD || (follows & QUAD && !is_wide))
		n += is_short ? 2 : 4;
	else if (follows & QUAD)
		n += 8;
	return follows & FAR ? n + 4 : n;
}

static void read_jump(const uint8_t *end, unsigned follows, struct instruction *found)
{
	int32_t distance;

	if (follows & NEAR)
		found->distance = end[-1] < 0x80 ? end[-1] : end[-1] - 0x100;
	if (follows & FAR) {
		memcpy(&distance, end - 4, sizeof(distance));
		found->distance = distance;
	}
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0xf2 || byte == 0xf3 || byte == 0xf0 || byte == 0x2e ||
	       byte == 0x3e || byte == 0x64 || byte == 0x65;
}

/* The opcode behind 0F, and 0F 38 or 0F 3A. */
static unsigned read_long_opcode(const uint8_t *code, size_t left, size_t *n)
{
	unsigned follows;

	if (*n + 1 >= left)
		return REFUSE;
	if (code[*n] == 0x38 || code[*n] == 0x3a) {
		follows = code[*n] == 0x38 ? MODRM : MODRM | BYTE;
		*n += 2;
		return follows;
	}
	follows = two_bytes[code[*n]];
	*n += 1;
	return follows;
}

static bool decode(const uint8_t *code, size_t left, struct instruction *found)
{
	bool is_short = false, is_wide;
	unsigned follows;
	size_t n = 0;

	*found = (struct instruction){ 0 };
	while (n < left && is_prefix(code[n]))
		is_short |= code[n++] == 0x66;
	if (n < left && (code[n] & 0xf0) == 0x40)
		found->rex = code[n++];
	is_wide = found->rex & 8;
	if (n >= left)
		return false;
	found->is_long = code[n] == 0x0f;
	follows = one_byte[code[n++]];
	if (found->is_long)
		follows = read_long_opcode(code, left, &n);
	found->opcode = code[n - 1];
	if (follows & REFUSE)
		return false;
	if (follows & GROUP && (n >= left || code[n] >> 3 & 6))
		follows &= ~(unsigned)(BYTE | WORD);
	if (follows & MODRM) {
		size_t bytes = modrm_bytes(code + n, left - n);

		if (!bytes)
			return false;
		found->modrm = code[n];
		n += bytes;
	}
	n += immediate_bytes(follows, is_short && !(follows & FAR), is_wide);
	if (n > left)
		return false;
	found->length = n;
	found->returns = found->opcode == 0xc3 && !found->is_long;
	found->jumps = follows & (NEAR | FAR) && (found->is_long || found->opcode != 0xe8);
	read_jump(code + n, follows, found);
	return true;
}

/* Where to a jump goes that leaves the function: kept while it is the only one. */
static void note_onward(struct returns *returns, int64_t target, bool *are_several)
{
	if (*are_several || (returns->onward && returns->onward != target)) {
		*are_several = true;
		returns->onward = 0;
	} else {
		returns->onward = target;
	}
}

static int add_return(struct returns *returns, size_t at)
{
	if (returns->n == N_RETURNS_MAX)
		return -E2BIG;
	returns->at[returns->n++] = (uint32_t)at;
	return 0;
}

/* push_setup_xol_ops(), branch_setup_xol_ops(): registers, jumps and calls by a distance. */
static bool is_emulated(const struct instruction *found)
{
	uint8_t opcode = found->opcode;

	if (found->is_long)
		return (opcode & 0xf0) == 0x80;
	return (opcode & 0xf8) == 0x50 || (opcode & 0xf0) == 0x70 || opcode == 0xe8 ||
	       opcode == 0xe9 || opcode == 0xeb;
}

/* It leaves the first argument (rdi, 7) and the stack (rsp, 4) as they are, and goes on. */
static bool is_harmless(const struct instruction *found)
{
	unsigned to = (found->modrm >> 3 & 7) | (found->rex & 4 ? 8 : 0); /* a register */

	if (found->is_long)
		return found->opcode == 0x1e || found->opcode == 0x1f; /* endbr64, nop */
	switch (found->opcode) {
	case 0x31: /* xor and mov, to what else ModRM names */
	case 0x89:
		to = (found->modrm & 7) | (found->rex & 1 ? 8 : 0);
		return found->modrm >> 6 != 3 || (to != 7 && to != 4);
	case 0x33: /* xor, mov, lea, to a register */
	case 0x8b:
	case 0x8d:
		return to != 7 && to != 4;
	case 0x39: /* cmp, test */
	case 0x3b:
	case 0x85:
		return true;
	case 0x83:
		return (found->modrm >> 3 & 7) == 7;
	default:
		return false;
	}
}

/* A way straight from the first instruction to one that the kernel does itself; 0: there is none. */
static uint32_t find_entry(const uint8_t *code, size_t size)
{
	struct instruction found;

	for (size_t at = 0; at < size && decode(code + at, size - at, &found); at += found.length) {
		if (is_emulated(&found))
			return (uint32_t)at;
		if (!is_harmless(&found))
			break;
	}
	return 0;
}

/* All of it in instructions from end to end, and no jump into the middle of one. */
static int find_x86(const uint8_t *code, size_t size, struct returns *returns)
{
	static bool begins[RETURNS_CODE_MAX];
	static int64_t targets[RETURNS_CODE_MAX];
	size_t n_targets = 0;
	bool are_several = false;
	int err = 0;

	memset(begins, 0, sizeof(begins));
	returns->entry = find_entry(code, size);
	for (size_t at = 0; at < size && !err;) {
		struct instruction found;

		if (!decode(code + at, size - at, &found))
			return -EINVAL;
		begins[at] = true;
		if (found.returns)
			err = add_return(returns, at);
		at += found.length;
		if (found.jumps)
			targets[n_targets++] = (int64_t)at + found.distance;
	}
	for (size_t i = 0; i < n_targets && !err; i++) {
		if (targets[i] < 0 || targets[i] >= (int64_t)size)
			note_onward(returns, targets[i], &are_several);
		else if (!begins[targets[i]])
			return -EINVAL;
		else if (targets[i] <= (int64_t)returns->entry)
			returns->entry = 0; /* it would be come to again */
	}
	return err;
}

#define ARM_RETURN	0xd65f03c0u /* ret x30; */
#define ARM_RETURN_KEYS 0xd65f0bffu /* retaa, retab: with a signed address */
#define ARM_KEY_MASK	0xfffffbffu
#define ARM_JUMP	0x14000000u /* b */
#define ARM_JUMP_MASK	0xfc000000u

static int find_arm(const uint8_t *code, size_t size, struct returns *returns)
{
	bool are_several = false;
	int err = size % 4 ? -EINVAL : 0;

	for (size_t at = 0; at + 4 <= size && !err; at += 4) {
		uint32_t word;
		int64_t target;

		memcpy(&word, code + at, sizeof(word));
		if (word == ARM_RETURN || (word & ARM_KEY_MASK) == ARM_RETURN_KEYS)
			err = add_return(returns, at);
		if ((word & ARM_JUMP_MASK) != ARM_JUMP)
			continue;
		target = (int64_t)at + (int32_t)(word << 6) / 16; /* 26 bits, of words */
		if (target < 0 || target >= (int64_t)size)
			note_onward(returns, target, &are_several);
	}
	return err;
}

int returns_find(unsigned machine, const uint8_t *code, size_t size, struct returns *returns)
{
	*returns = (struct returns){ 0 };
	if (!size || size > RETURNS_CODE_MAX)
		return -EINVAL;
	if (machine == EM_X86_64)
		return find_x86(code, size, returns);
	return machine == EM_AARCH64 ? find_arm(code, size, returns) : -EINVAL;
}
